import type { Queryable } from '../../database/pool.ts';
import type { TimeRange } from '../reading/time-buckets.ts';
import { type EventFilter, eventConditions } from './event-filter.ts';
import { type EventRow, eventRowSql } from './event-row.ts';

/** A place in the list of events: the time and the id of an event. The list goes on behind it. */
export interface EventPlace {
  /** ISO 8601 in UTC, with microseconds. */
  occurredAt: string;
  /** The stored id, a UUID. */
  eventId: string;
}

/** The rows to read: some windows of time, behind a place. */
interface RowsWanted {
  windows: readonly TimeRange[];
  limit: number;
  after: EventPlace | undefined;
}

/**
 * Reads the newest events that match in some windows of time. Two events of one time are ordered by their ids, so a place
 * in the list stays the same while events arrive.
 *
 * A block-range index finds the pages of each window, because rows are stored about in the order of their time. The
 * windows come from a list, so PostgreSQL opens only their partitions.
 */
export async function readEvents(
  database: Queryable,
  filter: EventFilter,
  { windows, limit, after }: RowsWanted,
): Promise<EventRow[]> {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = [
    'e.occurred_at >= w.start',
    'e.occurred_at < w."end"',
    ...eventConditions(filter, parameter),
  ];
  if (after !== undefined) {
    conditions.push(
      `(e.occurred_at, e.event_id) < (${parameter(after.occurredAt)}::timestamptz, ${parameter(after.eventId)}::uuid)`,
    );
  }
  const starts = parameter(windows.map(({ start }) => new Date(start)));
  const ends = parameter(windows.map(({ end }) => new Date(end)));
  const { rows } = await database.query<EventRow>(
    `select ${eventRowSql}
     from unnest(${starts}::timestamptz[], ${ends}::timestamptz[]) as w (start, "end")
     join analytics.events e on ${conditions.join(' and ')}
     order by e.occurred_at desc, e.event_id desc
     limit ${parameter(limit)}`,
    values,
  );
  return rows;
}
