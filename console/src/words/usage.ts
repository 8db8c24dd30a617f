/** The words of the page Usage & spend. */
export const words = {
  measures: {
    cost: 'Spend',
    requests: 'Requests',
    tokens: 'Tokens',
    price: '$ / 1M tokens',
    cached: 'Cached share',
  },
  groupings: { model: 'Model', client: 'Client', provider: 'Provider', serviceTier: 'Service tier' },
  label: (key: string) => `Label ${key}`,
  budget: (rule: string) => `Budget: ${rule}`,
  timeBefore: 'Time before, all',
  measure: 'Measure',
  grouping: 'Group by',
  chart: (measure: string, grouping: string) => `${measure} by ${lowerFirst(grouping)}`,
  table: 'Breakdown',
  compareOn: 'Compare',
  compareOff: 'Off',
  csv: 'Download CSV',
  compareHint: 'Show the change from the time before',
  columns: {
    share: 'Share',
    change: 'Change',
    requests: 'Requests',
    inputTokens: 'Input tokens',
    outputTokens: 'Output tokens',
    cached: 'Cached',
    price: '$/1M tok',
    cost: 'Spend',
  },
  total: 'Total',
  none: '(none)',
  rest: (count: number) => `${count} others`,
  changeFrom: (value: string) => `Before: ${value}`,
  filter: (name: string, value: string) => `${name}: ${value}`,
  filters: 'Filters',
  remove: (text: string) => `Remove the filter ${text}`,
  clear: 'Clear filters',
  only: (name: string) => `Show only ${name}`,
  month: {
    title: 'This month',
    soFar: 'So far',
    forecast: 'Forecast, linear',
    hint: (days: string) =>
      `At the average of the ${days} days so far. Days differ, so it is a guide and no promise.`,
    noForecast: 'The forecast appears after one day of the month, once calls have cost something.',
  },
  unpriced: (calls: string) => `${calls} calls have no known price. They are in no spend.`,
  empty: {
    title: 'No calls in this time range',
    text: 'No model call of this organisation occurred then, or the filters leave none.',
    action: 'Show the last 30 days',
  },
} as const;

/** The key of a label keeps its letters. */
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
