import type { Queryable } from '../../database/pool.ts';
import { bucketEnd, bucketStart, coarsestGrain, type Grain, grains } from '../../rollups/grains.ts';
import { type Clock, MINUTE, SECOND } from '../../time.ts';
import { type BusyBucket, busyBuckets } from './busy-buckets.ts';
import type { EventFilter } from './event-filter.ts';
import type { EventRow } from './event-row.ts';
import { type EventPlace, readEvents } from './read-events.ts';

/** Where a search ended before it had found as many events as wanted, and why. */
export interface SearchBound {
  by: 'time' | 'rows';
  /** Rows of all orgs that were looked at. */
  rowsLookedAt: number;
  /** Everything from here on has been looked at; ISO 8601. */
  searchedBackTo: string;
}

export interface FoundEvents {
  rows: EventRow[];
  /** Set if older events may match: the search goes on behind `place`. */
  bound: { why: SearchBound; place: EventPlace } | undefined;
}

interface Search {
  database: Queryable;
  clock: Clock;
}

interface Wanted {
  limit: number;
  after?: EventPlace | undefined;
}

/** A search ends after this time, at the end of the windows that it reads. */
const PATIENCE = 2 * SECOND;
/** A search ends after this many rows of all orgs. PostgreSQL looks at some millions a second. */
const MOST_ROWS = 5_000_000;
/** Rows and windows of one statement. */
const ROWS_AT_ONCE = 1_000_000;
const WINDOWS_AT_ONCE = 64;
/** The first stretch of time in which rollups are asked for events. Each further stretch is longer. */
const FIRST_STRETCH = 30 * MINUTE;
const GROWTH = 4;
/** The smallest id, so that a search goes on before a time. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Finds the newest events that match. It asks the rollups in which minutes events of the filter are, and reads raw events
 * there alone. So it takes as long as reading what is found, wherever that lies. Only a filter that rollups do not know
 * makes it read more, and then a bound ends it.
 */
export async function findEvents(
  { database, clock }: Search,
  filter: EventFilter,
  { limit, after }: Wanted,
): Promise<FoundEvents> {
  const began = clock.now();
  const rows: EventRow[] = [];
  let looked = 0;
  for await (const windows of windowsOf({ database, clock }, filter, { limit, after })) {
    const missing = limit - rows.length;
    rows.push(...(await readEvents(database, filter, { windows, limit: missing, after })));
    if (rows.length >= limit) return { rows, bound: undefined };
    looked += rowsIn(windows);
    const by = looked >= MOST_ROWS ? 'rows' : clock.now() - began >= PATIENCE ? 'time' : undefined;
    const from = windows.at(-1)?.start;
    if (by === undefined || from === undefined || from <= filter.range.start) continue;
    return { rows, bound: boundAt(from, by, looked) };
  }
  return { rows, bound: undefined };
}

function boundAt(from: number, by: SearchBound['by'], rowsLookedAt: number): FoundEvents['bound'] {
  const searchedBackTo = new Date(from).toISOString();
  const place = { occurredAt: searchedBackTo.replace('Z', '000Z'), eventId: NO_ID };
  return { why: { by, rowsLookedAt, searchedBackTo }, place };
}

function rowsIn(windows: readonly BusyBucket[]): number {
  return windows.reduce((sum, { rows }) => sum + rows, 0);
}

/** The buckets to read one after the other, the newest first: as many at once as have the events that are wanted. */
async function* windowsOf(
  { database, clock }: Search,
  filter: EventFilter,
  { limit, after }: Wanted,
): AsyncGenerator<BusyBucket[]> {
  const { range } = filter;
  let end = after === undefined ? range.end : Math.min(range.end, endBehind(after));
  for (let length = FIRST_STRETCH; end > range.start; length *= GROWTH) {
    const stretch = stretchBefore(end, length, clock.now());
    const start = Math.max(stretch.start, bucketStart(stretch.grain, range.start));
    const busy = await busyBuckets(database, filter, {
      grain: stretch.grain,
      range: { start, end: bucketEnd(stretch.grain, end) },
    });
    // What is behind the end of the stretch has been read already.
    const before = end;
    yield* portionsOf(
      busy.map((bucket) => ({ ...bucket, end: Math.min(bucket.end, before) })),
      limit,
    );
    end = start;
  }
}

/** The place of an event has microseconds, and events of its own millisecond may follow it. That of a bound has none. */
function endBehind({ occurredAt, eventId }: EventPlace): number {
  return Date.parse(occurredAt) + (eventId === NO_ID ? 0 : 1);
}

function* portionsOf(busy: readonly BusyBucket[], limit: number): Generator<BusyBucket[]> {
  let portion: BusyBucket[] = [];
  for (const bucket of busy) {
    portion.push(bucket);
    const found = portion.reduce((sum, { matching }) => sum + matching, 0);
    if (found < limit && rowsIn(portion) < ROWS_AT_ONCE && portion.length < WINDOWS_AT_ONCE) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

/** The time before a moment that is kept at one grain, the finest, but not much longer than wanted. */
export function stretchBefore(end: number, length: number, now: number): { grain: Grain; start: number } {
  for (const grain of grains) {
    const kept = bucketEnd(grain, now - grain.keep);
    if (kept < end) return { grain, start: Math.max(bucketStart(grain, end - length), kept) };
  }
  return { grain: coarsestGrain, start: bucketStart(coarsestGrain, end - length) };
}
