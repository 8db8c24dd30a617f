import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Fault } from '../errors.ts';
import { readEvent } from '../events/read-event.ts';
import type { PriceBook } from '../prices/price-book.ts';
import type { Clock } from '../time.ts';
import type { Batcher } from './batcher.ts';
import { EncodedEvents } from './encoded-events.ts';
import { isUnpriced } from './price-row.ts';
import { type EventError, RefusedEvents } from './refused-events.ts';
import type { Source } from './store-batch.ts';
import type { StreamStep } from './stream-progress.ts';

/** received = stored + duplicates + conflicts + rejected. `errors` holds the first `maxErrors`. */
export interface IngestResult {
  received: number;
  stored: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
  errors: EventError[];
}

export interface Submission {
  /** Events as parsed from JSON, unchecked. Handed over: each is let go once read, and the array left empty. */
  events: unknown[];
  source: Source;
  /** For the events that bring none of their own. */
  correlationId: string;
  mayIngestFor(orgId: string): boolean;
  /** Found wrong before they could be read; they count as received and rejected. */
  rejected?: readonly EventError[];
  /** Accept any `occurredAt`. */
  anyTime?: boolean;
  /** Accept the types that only Tidemark writes. */
  internal?: true;
  /** How many errors are told at most, the first ones; a hundred unless given. */
  maxErrors?: number;
  /** The piece of a stream that it is; the stream moves on as the events are stored. */
  step?: StreamStep;
  /** Told of all rejected events before anything is stored. When it fails, nothing is. */
  onRejected?(errors: readonly EventError[]): Promise<void>;
}

export interface Ingest {
  /**
   * Stores the events that are right; when it returns, they are committed.
   * @throws {CodedError} `overloaded` when too much is waiting, `unavailable` when the database is away
   * @throws {StreamMovedError} when its stream does not stand where it begins
   */
  submit(submission: Submission): Promise<IngestResult>;
  /** What is wrong with the events, by JSON path. Stores nothing. */
  validate(events: readonly unknown[]): Promise<EventFaults>;
}

/** The first thousand faults, and how many there are beyond. */
export interface EventFaults {
  faults: Fault[];
  more: number;
}

const MAX_ERRORS = 100;
const MAX_FAULTS = 1_000;
/** Events read before others get their turn, about 1 ms: a batch being stored needs several turns. */
const READ_AT_ONCE = 200;
const RESERVED = 'this orgId is reserved for what the service reports of itself (SELF_REPORT_ORG)';
const NOT_THEIRS = 'the caller may not send events for this orgId';

/**
 * @param currentPrices asked at most once a submission, and only for one with jobs that need a price
 * @param reservedOrg the org that the service alone sends events of, if there is one
 */
export function createIngest(
  batcher: Batcher,
  clock: Clock,
  currentPrices: () => Promise<PriceBook>,
  reservedOrg: string | undefined,
): Ingest {
  return {
    async submit(submission) {
      const received = submission.events.length + (submission.rejected?.length ?? 0);
      if (received === 0 && !submission.step)
        return { received, stored: 0, duplicates: 0, conflicts: 0, rejected: 0, errors: [] };
      const receivedAt = clock.now();
      batcher.admit(received);
      let read: ReadSubmission;
      try {
        read = await readSubmission(submission, receivedAt, currentPrices, reservedOrg);
        if (read.refused.count > 0) await submission.onRejected?.(read.refused.errors);
      } catch (error) {
        // Whatever went wrong: room that is not given back is gone for good.
        batcher.release(received);
        throw error;
      }
      const { encoded, refused } = read;
      const rejected = refused.count;
      const { source, step, maxErrors = MAX_ERRORS } = submission;
      const parcel = { source, encoded, received, rejected, receivedAt, ...(step && { step }) };
      const outcomes = await batcher.store(parcel);

      const errors = [...refused.errors];
      const result = { received, stored: 0, duplicates: 0, conflicts: 0, rejected };
      for (const event of encoded.events) {
        const outcome = outcomes.get(event);
        if (outcome === 'stored') result.stored++;
        else if (outcome === 'duplicate') result.duplicates++;
        else {
          result.conflicts++;
          const detail = 'eventId was already used for an event with other content; the first one counts';
          errors.push({ index: event.index, eventId: event.sentId, code: 'conflict', detail });
        }
      }
      errors.sort((a, b) => a.index - b.index);
      return { ...result, errors: errors.slice(0, maxErrors) };
    },

    async validate(events) {
      const faults: Fault[] = [];
      let found = 0;
      for (const [index, event] of events.entries()) {
        if (index > 0 && index % READ_AT_ONCE === 0) await yieldToOthers();
        const read = readEvent(event, { now: clock.now() }, `$[${index}]`);
        if (!Array.isArray(read)) continue;
        found += read.length;
        faults.push(...read.slice(0, MAX_FAULTS - faults.length));
      }
      return { faults, more: found - faults.length };
    },
  };
}

interface ReadSubmission {
  /** The events that are right. */
  encoded: EncodedEvents;
  /** The others, those found wrong before among them. */
  refused: RefusedEvents;
}

/** Whoever is told of all rejected events is told of each in full; an answer has the first errors. */
function refusalsOf({ rejected = [], onRejected, maxErrors = MAX_ERRORS }: Submission): RefusedEvents {
  return new RefusedEvents(rejected, onRejected ? Number.POSITIVE_INFINITY : maxErrors);
}

/** Reads the events of a submission one by one, and lets go of each. */
async function readSubmission(
  submission: Submission,
  now: number,
  currentPrices: () => Promise<PriceBook>,
  reservedOrg: string | undefined,
): Promise<ReadSubmission> {
  const { events, source, correlationId, anyTime = false, internal = false } = submission;
  const encoded = new EncodedEvents();
  const refused = refusalsOf(submission);
  let prices: PriceBook | undefined;
  for (const [index, event] of events.entries()) {
    if (index > 0 && index % READ_AT_ONCE === 0) await yieldToOthers();
    const read = readEvent(event, { now, anyTime, internal });
    events[index] = undefined;
    if (Array.isArray(read)) {
      refused.add(index, event, 'invalid', read);
    } else if (read.orgId === reservedOrg && source !== 'self') {
      refused.add(index, event, 'forbidden', RESERVED);
    } else if (submission.mayIngestFor(read.orgId)) {
      if (!prices && read.rows.some(isUnpriced)) prices = await currentPrices();
      encoded.add(read, read.correlationId ?? correlationId, index, prices);
    } else {
      refused.add(index, event, 'forbidden', NOT_THEIRS);
    }
  }
  events.length = 0;
  return { encoded, refused };
}
