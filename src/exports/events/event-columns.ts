import { shortDecimal } from '../../decimal.ts';
import { catalogue, eventTypes } from '../../events/catalogue.ts';
import { eventColumnNames } from '../../events/columns.ts';
import {
  AMOUNT_UNITS_PER_CENT,
  COST_SCALE,
  MICROS_PER_MS,
  NANODOLLARS_PER_CENT,
} from '../../events/field.ts';
import { type EventRow, INTERNAL_COLUMNS } from '../../queries/events/event-row.ts';
import { metadataOf, sentId } from '../../queries/events/shown-event.ts';
import type { Cell, Cells, Column } from '../writing/columns.ts';
import type { ExportColumn } from '../writing/totals.ts';
import {
  metadataSql,
  otherAttributesSql,
  protectedSql,
  quotientSql,
  sentIdSql,
  timeSql,
} from './event-sql.ts';

interface EventColumn extends ExportColumn {
  cellOf(row: EventRow): Cell;
  /** The same cell in SQL, from `analytics.events e`. */
  sql: string | ((choices: { raw: boolean }) => string);
  /** It is the text of this column, and may be anything. */
  textOf?: string;
}

/** Sums of the other whole numbers would mean nothing. */
const SUMMED: readonly string[] = [
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'cache_write_hour_tokens',
  'reasoning_tokens',
];

/** Texts that are always a word of Tidemark's own. */
const OWN_WORDS: readonly string[] = ['type', 'status', 'cost_source', 'severity', 'stage'];

/**
 * The columns of a file of raw events. The first thirteen are those of the incident export that other programs read:
 * their names and order never change. A new column goes to the end.
 */
const columns: readonly EventColumn[] = [
  { name: 'event_id', type: 'text', cellOf: sentId, sql: sentIdSql },
  stored('org_id', 'text'),
  stored('occurred_at', 'time'),
  stored('received_at', 'time'),
  stored('model_id', 'text'),
  stored('actor_id', 'text'),
  stored('input_tokens', 'integer'),
  stored('output_tokens', 'integer'),
  {
    ...{ name: 'latency_ms', type: 'decimal', scale: 3, total: false },
    cellOf: (row) => valueAs('duration', row, MICROS_PER_MS),
    sql: valueSql('duration', MICROS_PER_MS),
  },
  stored('status', 'text'),
  stored('error_code', 'text'),
  {
    ...{ name: 'cost_estimate_cents', type: 'decimal', scale: COST_SCALE - 2, isExact: true },
    cellOf: ({ cost }) => (cost === null ? null : shortDecimal(BigInt(cost), COST_SCALE - 2)),
    sql: `trim_scale(e.cost * ${(1 / NANODOLLARS_PER_CENT).toFixed(COST_SCALE - 2)})`,
  },
  { name: 'metadata', type: 'json', cellOf: (row) => jsonText(metadataOf(row)), sql: metadataSql },
  stored('type', 'text'),
  stored('correlation_id', 'text'),
  stored('client_id', 'text'),
  stored('cached_input_tokens', 'integer'),
  stored('cost_source', 'text'),
  stored('method', 'text'),
  stored('route', 'text'),
  stored('status_code', 'integer'),
  stored('pipeline', 'text'),
  stored('operation', 'text'),
  stored('provider', 'text'),
  stored('service', 'text'),
  stored('severity', 'text'),
  stored('stage', 'text'),
  stored('channel', 'text'),
  stored('currency', 'text'),
  {
    ...{ name: 'amount_cents', type: 'decimal', scale: 4, total: false },
    cellOf: (row) => valueAs('amount', row, AMOUNT_UNITS_PER_CENT),
    sql: valueSql('amount', AMOUNT_UNITS_PER_CENT),
  },
  stored('quantity', 'integer'),
  stored('order_id', 'text'),
  stored('customer_id', 'text'),
  stored('session_id', 'text'),
  stored('sku', 'text'),
  stored('collection', 'text'),
  stored('category', 'text'),
  {
    name: 'attributes',
    type: 'json',
    cellOf: (row) => jsonText(otherAttributes(row)),
    sql: otherAttributesSql,
  },
  stored('batch_id', 'integer'),
  stored('service_tier', 'text'),
  stored('cache_write_tokens', 'integer'),
  stored('reasoning_tokens', 'integer'),
  {
    ...{ name: 'time_to_first_token_ms', type: 'decimal', scale: 3, total: false },
    cellOf: ({ time_to_first_token: micros }) => inUnits(micros, MICROS_PER_MS),
    sql: quotientSql('e.time_to_first_token', MICROS_PER_MS),
  },
  { name: 'labels', type: 'json', cellOf: ({ labels }) => jsonText(labels), sql: 'e.labels::text' },
  stored('cache_write_hour_tokens', 'integer'),
];

/** The columns, without the functions that fill them. */
export const eventColumns: readonly ExportColumn[] = columns.map(
  ({ cellOf: _, sql: __, textOf: ___, ...column }) => column,
);

/** The columns of texts that are often empty. */
export const textColumns: readonly string[] = columns.flatMap(({ textOf }) => textOf ?? []);

/**
 * The select list of the cells, as `COPY … (format csv)` writes them.
 * @param raw leaves texts that look like formulas
 * @param filled those of `textColumns` that some row has. The others are nothing but nulls, and are not even read.
 */
export function eventCellsSql({ raw, filled }: { raw: boolean; filled: ReadonlySet<string> }): string {
  return columns
    .map(({ name, sql, textOf }) => {
      if (typeof sql === 'function') return `${sql({ raw })} as ${name}`;
      if (textOf === undefined) return `${sql} as ${name}`;
      if (!filled.has(textOf)) return `null as ${name}`;
      return `${raw ? sql : protectedSql(sql)} as ${name}`;
    })
    .join(', ');
}

/** The select list of what the cells are made of, from `analytics.events e`. */
export function storedColumnsSql({ filled }: { filled: ReadonlySet<string> }): string {
  return eventColumnNames
    .filter((column) => !INTERNAL_COLUMNS.includes(column))
    .filter((column) => filled.has(column) || !textColumns.includes(column))
    .map((column) => `e.${column}`)
    .join(', ');
}

/** The cells of an event, in the order of the columns. */
export function eventCells(row: EventRow): Cells {
  return columns.map(({ cellOf }) => cellOf(row));
}

type Plain = Exclude<keyof EventRow, 'attributes' | 'labels'>;

function stored(name: Plain, type: Column['type']): EventColumn {
  const sql = type === 'time' ? timeSql(`e.${name}`) : `e.${name}`;
  const notSummed = type === 'integer' && !SUMMED.includes(name) && { total: false as const };
  const anyText = type === 'text' && !OWN_WORDS.includes(name) && { textOf: name };
  return { name, type, ...notSummed, ...anyText, cellOf: (row) => row[name], sql };
}

/** The value of an event whose type measures this with it. */
function valueAs(kind: 'duration' | 'amount', row: EventRow, unitsPerOne: number): number | null {
  return eventTypes.get(row.type)?.value?.kind === kind ? inUnits(row.value, unitsPerOne) : null;
}

function valueSql(kind: 'duration' | 'amount', unitsPerOne: number): string {
  const types = catalogue.filter(({ value }) => value?.kind === kind).map(({ type }) => `'${type}'`);
  return `case when e.type in (${types.join(', ')}) then ${quotientSql('e.value', unitsPerOne)} end`;
}

function inUnits(stored: number | null, unitsPerOne: number): number | null {
  return stored === null ? null : stored / unitsPerOne;
}

/** What is stored without a column and is neither metadata nor the sent id, such as the tax of an order. */
function otherAttributes({ attributes }: EventRow): object | null {
  const { eventId: _eventId, metadata: _metadata, ...others } = attributes ?? {};
  return Object.keys(others).length === 0 ? null : others;
}

function jsonText(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
