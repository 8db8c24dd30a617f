import type { Queryable } from '../../database/pool.ts';
import { type EventFilter, eventConditions } from './event-filter.ts';
import { type EventRow, eventRowSql } from './event-row.ts';

/** Where a page of events ends: the time and the id of its last event. */
export interface EventPlace {
  /** ISO 8601 in UTC, with microseconds. */
  occurredAt: string;
  /** The stored id, a UUID. */
  eventId: string;
}

/**
 * Reads the newest events that match, at most `limit`. Two events of one time are ordered by their ids, so a place in
 * the list stays the same while events arrive.
 * @param after reads only events behind this place
 */
export async function readEvents(
  database: Queryable,
  filter: EventFilter,
  { limit, after }: { limit: number; after?: EventPlace | undefined },
): Promise<EventRow[]> {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = eventConditions(filter, parameter);
  if (after !== undefined) {
    const time = `${parameter(after.occurredAt)}::timestamptz`;
    // The first condition chooses the partitions, which the planner does not derive from the second.
    conditions.push(
      `e.occurred_at <= ${time}`,
      `(e.occurred_at, e.event_id) < (${time}, ${parameter(after.eventId)}::uuid)`,
    );
  }
  const { rows } = await database.query<EventRow>(
    `select ${eventRowSql} from analytics.events e
     where ${conditions.join(' and ')}
     order by e.occurred_at desc, e.event_id desc
     limit ${parameter(limit)}`,
    values,
  );
  return rows;
}
