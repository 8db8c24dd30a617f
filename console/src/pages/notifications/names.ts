/** Names of the API: where notices go, and what becomes of them. */
export const channels = [
  'email',
  'slack',
  'in_app',
  'sms',
  'webhook',
  'pagerduty',
  'teams',
  'discord',
] as const;
export type Channel = (typeof channels)[number];

export const statuses = ['waiting', 'leased', 'sent', 'dead', 'cancelled', 'expanded'] as const;
export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];
