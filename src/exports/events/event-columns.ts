import { eventTypes } from '../../events/catalogue.ts';
import { COST_UNITS_PER_CENT, MICROS_PER_MS } from '../../events/field.ts';
import type { EventRow } from '../../queries/events/event-row.ts';
import { metadataOf, sentId } from '../../queries/events/shown-event.ts';
import type { Cell, Cells, Column } from '../writing/columns.ts';

interface EventColumn extends Column {
  cellOf(row: EventRow): Cell;
}

/**
 * The columns of a file of raw events. The first thirteen are those of the incident export that other programs read:
 * their names and order never change. A new column goes to the end.
 */
const columns: readonly EventColumn[] = [
  { name: 'event_id', type: 'text', cellOf: sentId },
  stored('org_id', 'text'),
  stored('occurred_at', 'time'),
  stored('received_at', 'time'),
  stored('model_id', 'text'),
  stored('actor_id', 'text'),
  stored('input_tokens', 'integer'),
  stored('output_tokens', 'integer'),
  { name: 'latency_ms', type: 'decimal', cellOf: (row) => valueAs('duration', row, MICROS_PER_MS) },
  stored('status', 'text'),
  stored('error_code', 'text'),
  { name: 'cost_estimate_cents', type: 'decimal', cellOf: ({ cost }) => inUnits(cost, COST_UNITS_PER_CENT) },
  { name: 'metadata', type: 'json', cellOf: (row) => jsonText(metadataOf(row)) },
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
  { name: 'amount_cents', type: 'decimal', cellOf: (row) => valueAs('amount', row, COST_UNITS_PER_CENT) },
  stored('quantity', 'integer'),
  stored('order_id', 'text'),
  stored('customer_id', 'text'),
  stored('session_id', 'text'),
  stored('sku', 'text'),
  stored('collection', 'text'),
  stored('category', 'text'),
  { name: 'attributes', type: 'json', cellOf: (row) => jsonText(otherAttributes(row)) },
  stored('batch_id', 'integer'),
];

/** The columns, without the functions that fill them. */
export const eventColumns: readonly Column[] = columns.map(({ name, type }) => ({ name, type }));

/** The cells of an event, in the order of the columns. */
export function eventCells(row: EventRow): Cells {
  return columns.map(({ cellOf }) => cellOf(row));
}

type Plain = Exclude<keyof EventRow, 'attributes'>;

function stored(name: Plain, type: Column['type']): EventColumn {
  return { name, type, cellOf: (row) => row[name] };
}

/** The value of an event whose type measures this with it. */
function valueAs(kind: 'duration' | 'amount', row: EventRow, unitsPerOne: number): number | null {
  return eventTypes.get(row.type)?.value?.kind === kind ? inUnits(row.value, unitsPerOne) : null;
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
