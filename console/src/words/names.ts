/** Names of the API as people read them. */

export const channelNames = {
  email: 'Email',
  slack: 'Slack',
  in_app: 'Inbox',
  sms: 'SMS',
  webhook: 'Webhook',
  pagerduty: 'PagerDuty',
  teams: 'Microsoft Teams',
  discord: 'Discord',
} as const;

/** What an event of a type is, as rules count it. */
const areas: Record<string, string> = {
  usage: 'LLM calls',
  api: 'API requests',
  ml: 'ML jobs',
  business: 'Orders',
  order_line: 'Order lines',
  storefront: 'Visits',
  inventory: 'Stock',
  error: 'Errors',
  alert: 'Alerts',
  session: 'Sessions',
  over_refund: 'Refunds beyond the order',
  freshness: 'Freshness',
  service: 'This service',
};

/** A metric in words: `LLM calls: error rate`. A name without an area stays as it is. */
export function metricText(name: string): string {
  const [area = '', measure] = name.split('.');
  return measure === undefined ? name : `${areas[area] ?? area}: ${measure.replaceAll('_', ' ')}`;
}

/** A dimension in words: `model`, `error code`, `label team`. */
export function dimensionText(name: string): string {
  if (name === 'sku') return 'SKU';
  return name
    .replace(/^label\./, 'label ')
    .replace(/Id$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A channel in words; one that the console does not know stays as it is. */
export function channelText(channel: string): string {
  return new Map<string, string>(Object.entries(channelNames)).get(channel) ?? channel;
}
