/**
 * The place of a table's rows once Citus distributes the database:
 * - `org`: on one node, with all other rows of the same org. The table has an `org_id`, which is part of every unique
 *   index.
 * - `everywhere`: on every node, for joins with the rows of an org. This suits small tables that seldom change, because
 *   writers wait for each other.
 * - `coordinator`: on the node that the service connects to. This suits queues, whose rows are claimed, and tables that
 *   are never joined with the rows of many orgs.
 */
export type Placement = 'org' | 'everywhere' | 'coordinator';

/** The placement of every table of the schema `analytics`. Without Citus it has no effect. */
export const tablePlacement: Readonly<Record<string, Placement>> = {
  series: 'org',
  events: 'org',
  event_keys: 'org',
  event_keys_previous: 'org',
  event_conflicts: 'org',
  rollups: 'org',
  freshness_status: 'org',
  sessions: 'org',
  orders: 'org',
  customer_orders: 'org',
  products: 'org',
  daily_books: 'org',
  delivered_charges: 'org',
  counted_spans: 'org',

  org_retention: 'everywhere',

  ingestion_batches: 'coordinator',
  folds: 'coordinator',
  key_generations: 'coordinator',
  removals: 'coordinator',
  booked_days: 'coordinator',
  export_schedules: 'coordinator',
  closed_periods: 'coordinator',
  streams: 'coordinator',
  alert_configs: 'coordinator',
  alert_states: 'coordinator',
  alert_history: 'coordinator',
  alert_transitions: 'coordinator',
  alert_silences: 'coordinator',
  org_settings: 'coordinator',
  notification_outbox: 'coordinator',
  in_app_notifications: 'coordinator',
  in_app_reads: 'coordinator',
  notification_pace: 'coordinator',
  notification_preferences: 'coordinator',
  quota_days: 'coordinator',
  quota_use: 'coordinator',
  recent_ingestion: 'coordinator',
  reconciliations: 'coordinator',
  webhook_endpoints: 'coordinator',
  signing_keys: 'coordinator',
  prices: 'coordinator',
  label_dimensions: 'coordinator',
  model_prices: 'coordinator',
  model_aliases: 'coordinator',
  export_jobs: 'coordinator',
  export_files: 'coordinator',
  api_keys: 'coordinator',
  token_revocations: 'coordinator',
  login_sessions: 'coordinator',
  login_codes: 'coordinator',
  audit_log: 'coordinator',
  org_deletions: 'coordinator',
  installation: 'coordinator',
  migrations: 'coordinator',
};
