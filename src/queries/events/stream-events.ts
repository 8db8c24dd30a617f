import type { Queryable } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import { countEvents } from './count-events.ts';
import type { EventFilter } from './event-filter.ts';
import type { EventRow } from './event-row.ts';
import { findEvents } from './find-events.ts';
import type { EventPlace } from './read-events.ts';

/** The events of a file, and what is known of them before the first is read. */
interface EventStream {
  /** The events that match, those beyond the limit too. */
  matched: number;
  /** The events in portions, the newest first. */
  portions: AsyncGenerator<readonly EventRow[]>;
}

interface StreamOptions {
  database: Queryable;
  clock: Clock;
  /** Runs each read, once the caller has a turn. No connection is held while a slow reader takes a portion. */
  inTurn<T>(read: () => Promise<T>): Promise<T>;
}

const FIRST_PORTION = 100;
const LARGEST_PORTION = 2_000;
/** Metadata may have 50 kB, so a portion is as many rows as have about so many characters. */
const PORTION_SIZE = 1_000_000;
/** What a row without attributes takes, roughly. */
const ROW_SIZE = 500;

/**
 * The newest events that match, at most `limit`.
 * @throws {CodedError} `conflict` from the stream, if events that arrived meanwhile would be cut off without notice
 */
export async function streamEvents(
  options: StreamOptions,
  filter: EventFilter,
  limit: number,
): Promise<EventStream> {
  const { database, clock, inTurn } = options;
  const matched = await inTurn(() => countEvents(database, filter, clock.now()));
  return { matched, portions: portionsOf(options, filter, { limit, matched }) };
}

async function* portionsOf(
  { database, clock, inTurn }: StreamOptions,
  filter: EventFilter,
  { limit, matched }: { limit: number; matched: number },
): AsyncGenerator<readonly EventRow[]> {
  let left = limit;
  let portion = FIRST_PORTION;
  let after: EventPlace | undefined;
  for (;;) {
    // One more row than the file may have shows whether there are more.
    const wanted = Math.min(portion, left + 1);
    const { rows, bound } = await inTurn(() =>
      findEvents({ database, clock }, filter, { limit: wanted, after }),
    );
    if (rows.length > left) {
      if (matched <= limit) throw new CodedError('conflict', 'More events arrived than the file may have.');
      yield rows.slice(0, left);
      return;
    }
    if (rows.length > 0) yield rows;
    after = bound?.place ?? placeOf(rows.at(-1));
    if (after === undefined || (bound === undefined && rows.length < wanted)) return;
    left -= rows.length;
    portion = rows.length > 0 ? portionAfter(rows) : portion;
  }
}

function placeOf(row: EventRow | undefined): EventPlace | undefined {
  return row && { occurredAt: row.occurred_at, eventId: row.event_id };
}

function portionAfter(rows: readonly EventRow[]): number {
  const size = rows.reduce(
    (sum, { attributes }) => sum + ROW_SIZE + (attributes === null ? 0 : JSON.stringify(attributes).length),
    0,
  );
  return Math.max(1, Math.min(LARGEST_PORTION, Math.floor((PORTION_SIZE * rows.length) / size)));
}
