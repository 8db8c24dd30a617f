import type { Queryable } from '../../database/pool.ts';
import { type EventFilter, eventConditions } from './event-filter.ts';

/** Counts the events that match, but no more than `most`. */
export async function countEvents(database: Queryable, filter: EventFilter, most: number): Promise<number> {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = eventConditions(filter, parameter);
  const { rows } = await database.query<{ count: number }>(
    `select count(*) as count
     from (select from analytics.events e where ${conditions.join(' and ')} limit ${parameter(most)}) as e`,
    values,
  );
  return rows[0]?.count ?? 0;
}
