/**
 * The columns of `analytics.events`, in the order in which rows are written. First come those that the event itself
 * says, which its payload hash covers; then those that Tidemark adds; then those about the delivery.
 *
 * A new column goes to the end of its list, and no column is moved or removed. Otherwise a replay of an event that is
 * stored already would have another hash.
 */
export const contentColumns = {
  org_id: 'text',
  event_id: 'uuid',
  type: 'text',
  occurred_at: 'timestamptz',
  actor_id: 'text',
  model_id: 'text',
  client_id: 'text',
  method: 'text',
  route: 'text',
  status_code: 'bigint',
  pipeline: 'text',
  operation: 'text',
  provider: 'text',
  service: 'text',
  severity: 'text',
  stage: 'text',
  channel: 'text',
  currency: 'text',
  order_id: 'text',
  customer_id: 'text',
  session_id: 'text',
  sku: 'text',
  collection: 'text',
  category: 'text',
  status: 'text',
  error_code: 'text',
  value: 'bigint',
  value_bin: 'smallint',
  input_tokens: 'bigint',
  output_tokens: 'bigint',
  cached_input_tokens: 'bigint',
  quantity: 'bigint',
  cost: 'bigint',
  attributes: 'jsonb',
  cache_write_tokens: 'bigint',
  reasoning_tokens: 'bigint',
  time_to_first_token: 'bigint',
  service_tier: 'text',
  labels: 'jsonb',
  cache_write_hour_tokens: 'bigint',
} as const satisfies Record<string, ColumnType>;

/**
 * What Tidemark itself adds to an event when it stores it. The payload hash does not cover it, so a replay is a
 * duplicate even when Tidemark would add something else by then.
 */
export const addedColumns = {
  cost_source: 'text',
} as const satisfies Record<string, ColumnType>;

export const deliveryColumns = {
  correlation_id: 'text',
  series_id: 'bigint',
  received_at: 'timestamptz',
  batch_id: 'bigint',
} as const satisfies Record<string, ColumnType>;

export type ColumnType = 'text' | 'uuid' | 'timestamptz' | 'bigint' | 'smallint' | 'jsonb';
export type ContentColumn = keyof typeof contentColumns;
type AddedColumn = keyof typeof addedColumns;
/** The columns that have a value before a row is stored. */
export type RowColumn = ContentColumn | AddedColumn;

export const contentColumnNames = Object.keys(contentColumns) as ContentColumn[];
export const addedColumnNames = Object.keys(addedColumns) as AddedColumn[];
export const eventColumnNames: string[] = [
  ...contentColumnNames,
  ...addedColumnNames,
  ...Object.keys(deliveryColumns),
];

/** The columns that distinguish the rollup series of an org and type. */
export const dimensionColumns = [
  'model_id',
  'client_id',
  'method',
  'route',
  'status_code',
  'pipeline',
  'operation',
  'provider',
  'service',
  'severity',
  'stage',
  'channel',
  'currency',
  'sku',
  'collection',
  'category',
  'status',
  'error_code',
  'cost_source',
  'service_tier',
] as const satisfies RowColumn[];
export type DimensionColumn = (typeof dimensionColumns)[number];
