import type { Queryable } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { TimeRange } from '../reading/time-buckets.ts';

/** The moment from which on raw events are kept, in milliseconds; `undefined` while none have been removed. */
async function eventsKeptFrom(database: Queryable): Promise<number | undefined> {
  const { rows } = await database.query<{ removed_before: Date }>(
    `select removed_before from analytics.removals where what = 'events'`,
  );
  return rows[0]?.removed_before.getTime();
}

/**
 * The part of a range that raw events are kept for. A start that the caller names must be kept: a list that begins later
 * would look complete.
 * @throws {CodedError} `range_not_kept`, with what is kept
 */
export async function keptRange(database: Queryable, range: TimeRange, isNamed: boolean): Promise<TimeRange> {
  const from = await eventsKeptFrom(database);
  if (from === undefined || range.start >= from) return range;
  if (!isNamed && from < range.end) return { start: from, end: range.end };
  const kept = new Date(from).toISOString();
  throw new CodedError(
    'range_not_kept',
    `Raw events are kept from ${kept} on. Begin there or later; rollups, such as /usage, reach further back.`,
    { faults: [{ path: isNamed ? 'start' : 'end', message: `must be ${kept} or later` }] },
  );
}
