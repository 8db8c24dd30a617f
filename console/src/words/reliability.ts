/** The words of the page Reliability. */
export const words = {
  errorRate: 'Error rate',
  latency: 'Latency',
  percentiles: 'Percentiles',
  failures: 'Failed calls by outcome',
  csv: 'Download CSV',
  none: 'No call failed',
  noneText: 'Throttled calls, timeouts and errors appear here.',
  heat: {
    title: 'Models by hour',
    titleByDay: 'Models by day',
    note: 'Press a number to see its events.',
    measure: 'Measure',
    measures: { errorRate: 'Error rate', p95: 'Latency, p95', calls: 'Calls' },
    model: 'Model',
    more: (shown: number, others: number) =>
      `The ${shown} models with the most calls. ${others} others are not shown.`,
    open: (model: string, time: string, value: string) => `${model}, ${time}: ${value}. Open the events.`,
  },
  codes: {
    title: 'Errors by code',
    none: 'No call failed',
    noneText: 'The codes of failed calls appear here.',
    columns: { code: 'Code', calls: 'Calls', share: 'Share', p95: 'p95' },
    noCode: 'without a code',
    others: (count: number) => `${count} other codes`,
    open: (code: string) => `Open the events with ${code}`,
  },
  slowest: {
    title: 'Slowest models',
    columns: { model: 'Model', calls: 'Calls', errorRate: 'Error rate', p50: 'p50', p95: 'p95', p99: 'p99' },
    others: (count: number) => `${count} other models`,
    open: (model: string) => `Open the events of ${model}`,
  },
  empty: {
    title: 'No calls in this time range',
    text: 'No model call of this organisation occurred then, or the filters leave none.',
    action: 'Show the last 30 days',
  },
} as const;
