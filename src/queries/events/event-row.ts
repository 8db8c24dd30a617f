import type { addedColumns, ColumnType, contentColumns, RowColumn } from '../../events/columns.ts';
import { eventColumnNames } from '../../events/columns.ts';
import type { JsonObject } from '../../events/json-object.ts';

type Value<T extends ColumnType> = T extends 'bigint' | 'smallint'
  ? number
  : T extends 'jsonb'
    ? JsonObject
    : string;
type Columns = typeof contentColumns & typeof addedColumns;
type Given = { [C in RowColumn]: Value<Columns[C]> | null };

/** A raw event as it is stored. Its numbers have the unit of their column. */
export interface EventRow extends Omit<Given, 'org_id' | 'event_id' | 'type' | 'occurred_at' | 'value_bin'> {
  org_id: string;
  event_id: string;
  type: string;
  /** ISO 8601 in UTC, with microseconds. */
  occurred_at: string;
  /** ISO 8601 in UTC, with microseconds. */
  received_at: string;
  correlation_id: string;
  batch_id: number;
}

/** Columns that serve the roll-up alone. */
export const INTERNAL_COLUMNS: readonly string[] = ['series_id', 'value_bin'];

/** A moment as text with microseconds, which a `Date` would cut off. It depends on no setting of the session. */
export function microsecondsSql(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** The select list of an `EventRow`, from `analytics.events e`. */
export const eventRowSql = eventColumnNames
  .filter((column) => !INTERNAL_COLUMNS.includes(column))
  .map((column) =>
    column.endsWith('_at') ? `${microsecondsSql(`e.${column}`)} as ${column}` : `e.${column}`,
  )
  .join(', ');
