/**
 * Where the rows of a table are once Citus distributes the database:
 * - `org`: with all other rows of their org, on one of the nodes. The table has an `org_id`, which every unique index
 *   contains.
 * - `everywhere`: on every node, to be joined with those of an org. For what is small and changes seldom: whoever
 *   writes to such a table, or claims rows of it, waits for all others that do.
 * - `coordinator`: on the node that the service speaks to. For queues, whose rows are claimed, and for what is never
 *   joined with rows of many orgs.
 */
export type Placement = 'org' | 'everywhere' | 'coordinator';

/** Of every table of the schema `analytics`. Without Citus it means nothing. */
export const tablePlacement: Readonly<Record<string, Placement>> = {
  series: 'org',
  events: 'org',
  event_keys: 'org',
  event_keys_previous: 'org',
  event_conflicts: 'org',
  rollups: 'org',
  freshness_status: 'org',
  sessions: 'org',
  customer_orders: 'org',
  products: 'org',

  ingestion_batches: 'coordinator',
  folds: 'coordinator',
  key_generations: 'coordinator',
  removals: 'coordinator',
  streams: 'coordinator',
  alert_configs: 'coordinator',
  alert_states: 'coordinator',
  alert_history: 'coordinator',
  alert_transitions: 'coordinator',
  notification_outbox: 'coordinator',
  in_app_notifications: 'coordinator',
  in_app_reads: 'coordinator',
  notification_preferences: 'coordinator',
  webhook_endpoints: 'coordinator',
  signing_keys: 'coordinator',
  prices: 'coordinator',
  api_keys: 'coordinator',
  audit_log: 'coordinator',
  installation: 'coordinator',
  migrations: 'coordinator',
};
