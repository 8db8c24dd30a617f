import type { Queryable } from '../../database/pool.ts';
import type { Clock } from '../../time.ts';
import { queryWithWaitingWork } from '../reading/waiting-work.ts';
import type { EventFilter } from './event-filter.ts';
import type { EventRow } from './event-row.ts';
import { findEvents, type SearchBound } from './find-events.ts';
import { keptRange } from './kept-events.ts';
import type { EventPlace } from './read-events.ts';

export interface EventPage {
  rows: EventRow[];
  /** Where the next page begins; `undefined` on the last page. */
  next: EventPlace | undefined;
  /** Set if the search ended before the page was full. The next page goes on. */
  bound: SearchBound | undefined;
  /** Every event that was acknowledged before this time could be found; ISO 8601. */
  asOf: string;
}

interface PageWanted {
  limit: number;
  after: EventPlace | undefined;
  /** Whether the caller names the start of the range. */
  startIsNamed: boolean;
}

/**
 * One page of the raw events that match, the newest first.
 * @throws {CodedError} `range_not_kept`
 */
export async function listEvents(
  source: { database: Queryable; clock: Clock },
  filter: EventFilter,
  { limit, after, startIsNamed }: PageWanted,
): Promise<EventPage> {
  const { database } = source;
  const range = await keptRange(database, {
    orgId: filter.orgId,
    range: filter.range,
    isNamed: startIsNamed,
  });
  const asOf = await rolledUpTo(database, filter.orgId);
  // One row more than the page holds shows whether another page follows.
  const found = await findEvents(source, { ...filter, range }, { limit: limit + 1, after });
  const rows = found.rows.slice(0, limit);
  const last = rows.at(-1);
  const isFull = found.rows.length > limit && last !== undefined;
  if (isFull)
    return { rows, next: { occurredAt: last.occurred_at, eventId: last.event_id }, bound: undefined, asOf };
  return { rows, next: found.bound?.place, bound: found.bound?.why, asOf };
}

/** Rollups lead the search, so it finds what they have. */
async function rolledUpTo(database: Queryable, orgId: string): Promise<string> {
  const { rows } = await queryWithWaitingWork(database, orgId, (waitingFor) => {
    const values: unknown[] = [orgId];
    const waiting = waitingFor((value) => `$${values.push(value)}`);
    return database.query<{ as_of: Date }>(
      `select coalesce(w.since, w.now) as as_of, $1::text as org from (${waiting.batches()}) as w`,
      values,
    );
  });
  const [row] = rows;
  if (!row) throw new Error('the query returned no row of waiting work');
  return row.as_of.toISOString();
}
