import type { Queryable } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { countEvents } from './count-events.ts';
import type { EventFilter } from './event-filter.ts';
import type { EventRow } from './event-row.ts';
import { readEvents } from './read-events.ts';

/** The events of a file, and what is known of them before the first is read. */
export interface EventStream {
  /** The events that match, those beyond the limit too; at most `MOST_COUNTED`. */
  matched: number;
  /** The events in portions, the newest first. */
  portions: AsyncGenerator<readonly EventRow[]>;
}

interface StreamOptions {
  database: Queryable;
  /** Runs each query, once the caller has a turn. No connection is held while a slow reader takes a portion. */
  inTurn<T>(read: () => Promise<T>): Promise<T>;
}

/** More matching events are not counted: it would take longer than reading those that are wanted. */
export const MOST_COUNTED = 1_000_000;

const FIRST_PORTION = 100;
const LARGEST_PORTION = 1_000;
/** Metadata may have 50 kB, so portions are as many rows as have about so many characters. */
const PORTION_SIZE = 1_000_000;

/**
 * The newest events that match, at most `limit`.
 * @throws {CodedError} from the stream, if events that arrived meanwhile would be cut off without notice
 */
export async function streamEvents(
  options: StreamOptions,
  filter: EventFilter,
  limit: number,
): Promise<EventStream> {
  const matched = await options.inTurn(() => countEvents(options.database, filter, MOST_COUNTED));
  return { matched, portions: portionsOf(options, filter, { limit, matched }) };
}

async function* portionsOf(
  { database, inTurn }: StreamOptions,
  filter: EventFilter,
  { limit, matched }: { limit: number; matched: number },
): AsyncGenerator<readonly EventRow[]> {
  let left = limit;
  let portion = FIRST_PORTION;
  let last: EventRow | undefined;
  for (;;) {
    // One more row than wanted shows whether there are more.
    const wanted = Math.min(portion, left + 1);
    const after = last && { occurredAt: last.occurred_at, eventId: last.event_id };
    const rows = await inTurn(() => readEvents(database, filter, { limit: wanted, after }));
    if (rows.length > left) {
      if (matched <= limit) throw new CodedError('conflict', 'More events arrived than the file may have.');
      yield rows.slice(0, left);
      return;
    }
    if (rows.length > 0) yield rows;
    if (rows.length < wanted) return;
    left -= rows.length;
    last = rows.at(-1);
    portion = nextPortion(rows);
  }
}

function nextPortion(rows: readonly EventRow[]): number {
  const size = rows.reduce(
    (sum, { attributes }) => sum + 500 + (attributes ? JSON.stringify(attributes).length : 0),
    0,
  );
  return Math.max(1, Math.min(LARGEST_PORTION, Math.floor((PORTION_SIZE * rows.length) / size)));
}
