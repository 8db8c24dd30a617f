/**
 * The columns of `analytics.events`, in the order in which rows are written: first what an event says,
 * which its payload hash covers, then what we find out about it, then how it reached us. A new one goes to the end of its list, and none is
 * moved or removed: the hashes of what was stored before would no longer be those of its replays.
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
} as const satisfies Record<string, ColumnType>;

/**
 * What Tidemark itself finds out about an event as it stores it. No part of the payload hash: the same event
 * is a duplicate whatever is found out the next time.
 */
export const assessedColumns = {
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
type AssessedColumn = keyof typeof assessedColumns;
/** What a row has a value for before it is stored. */
export type RowColumn = ContentColumn | AssessedColumn;

export const contentColumnNames = Object.keys(contentColumns) as ContentColumn[];
export const assessedColumnNames = Object.keys(assessedColumns) as AssessedColumn[];
export const eventColumnNames: string[] = [
  ...contentColumnNames,
  ...assessedColumnNames,
  ...Object.keys(deliveryColumns),
];

/** The columns that tell one rollup series of an org and type from another. */
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
] as const satisfies RowColumn[];
export type DimensionColumn = (typeof dimensionColumns)[number];
