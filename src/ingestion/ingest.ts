import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Fault } from '../errors.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { isObject } from '../events/json-object.ts';
import { MAX_ID_LENGTH } from '../events/read-envelope.ts';
import { readEvent } from '../events/read-event.ts';
import type { DeletedOrgs } from '../orgs/deleted-orgs.ts';
import type { Prices } from '../prices/current-prices.ts';
import type { DeclaredLabels } from '../series/declared-labels.ts';
import type { LoopTurns } from '../shares/loop-turns.ts';
import type { Clock } from '../time.ts';
import { type Batcher, OWN_REPORTS } from './batcher.ts';
import { countOutcomes } from './count-outcomes.ts';
import { EncodedEvents } from './encoded-events.ts';
import type { IngestQuotas } from './ingest-quotas.ts';
import { type IngestWarning, MovedFields } from './moved-fields.ts';
import { isUnpriced } from './price-row.ts';
import type { RecentLog } from './recent/recent-log.ts';
import { type EventError, RefusedEvents } from './refused-events.ts';
import type { Source } from './store-batch.ts';
import type { StreamStep } from './stream-progress.ts';
import { type Arrival, SubmissionNote } from './submission-note.ts';

/** received = stored + duplicates + conflicts + rejected. `errors` holds the first `maxErrors`. */
export interface IngestResult {
  received: number;
  stored: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
  errors: EventError[];
  /** Of a lenient submission: the unknown fields that are kept in metadata. */
  warnings?: IngestWarning[];
}

export interface Submission {
  /** Events as parsed, not checked yet. To free memory, `submit` drops each once it is read and empties the array. */
  events: unknown[];
  source: Source;
  /** Who shares the queue with others: an org, or the key of several; by default the source. */
  owner?: string;
  /** For events without a correlation id of their own. */
  correlationId: string;
  mayIngestFor(orgId: string): boolean;
  /** Events that the caller could not read. They count as received and rejected. */
  rejected?: readonly EventError[];
  /** How it came, for the list of what arrived lately. */
  arrival?: Arrival;
  /** Accept any `occurredAt`. */
  anyTime?: boolean;
  /** Keep unknown fields of events in their metadata, instead of refusing the events. */
  lenient?: boolean;
  /** Accept the types that only Tidemark may write. */
  internal?: true;
  /** The most errors in the result; 100 unless given. */
  maxErrors?: number;
  /** The part of a stream that the events are. The offset of the stream advances in the same transaction. */
  step?: StreamStep;
  /** Receives all rejected events before anything is stored. When it fails, nothing is stored. */
  onRejected?(errors: readonly EventError[]): Promise<void>;
}

export interface Ingest {
  /**
   * Stores the valid events. They are committed when it resolves.
   * @throws {CodedError} `overloaded` when too much is waiting, `unavailable` when the database is away
   * @throws {StreamMovedError} when another reader has advanced the stream
   */
  submit(submission: Submission): Promise<IngestResult>;
  /** Notes that a request was refused before its events could be read. */
  noteRefused(request: RefusedRequest): void;
  /** Returns the faults of events, with their JSON paths. Stores nothing. */
  validate(events: readonly unknown[], options?: { lenient?: boolean }): Promise<EventFaults>;
}

/** A request that was refused as a whole. */
export interface RefusedRequest {
  orgId: string;
  source: Source;
  format: string;
  correlationId: string;
  /** A code of errors, such as `invalid_json`. */
  code: string;
  reason: string;
}

/** The first thousand faults, and the number of further ones. */
export interface EventFaults {
  faults: Fault[];
  more: number;
}

const MAX_ERRORS = 100;
const MAX_FAULTS = 1_000;
/**
 * Events that are read without a break, about 1 ms: a turn of the event loop. A batch that is being stored needs several
 * turns.
 */
const READ_AT_ONCE = 200;
/** The place that a request took as it began suffices to read so many events. */
const FEW_EVENTS = 5;
const RESERVED = 'the service itself sends the events of this orgId (SELF_REPORT_ORG); use another';
const DELETED =
  'this org was deleted, and no events are taken in for it; an operator may allow it again with tidemark orgs allow';
const NOT_THEIRS = 'the caller may not send events for this orgId';

interface IngestOptions {
  batcher: Batcher;
  clock: Clock;
  loop: LoopTurns;
  /** Called at most once for a submission, and only if an event needs a price. */
  currentPrices(): Promise<Prices>;
  /** Called at most once for a submission, and only if an event has labels. */
  currentLabels(): Promise<DeclaredLabels>;
  /** The org that only the service itself sends events for, if there is one. */
  reservedOrg: string | undefined;
  quotas: IngestQuotas;
  deletedOrgs: DeletedOrgs;
  /** What arrived lately. */
  recent: RecentLog;
}

/** Of a caller that says nothing else. */
const DEFAULT_FORMAT = 'json';

export function createIngest(options: IngestOptions): Ingest {
  const { batcher, clock, quotas, recent } = options;
  return {
    async submit(submission) {
      const received = submission.events.length + (submission.rejected?.length ?? 0);
      const receivedAt = clock.now();
      const { source, owner = source, correlationId } = submission;
      const note = new SubmissionNote(submission.arrival ?? { format: DEFAULT_FORMAT });
      const finish = () => {
        if (source !== OWN_REPORTS) note.finish(recent, { at: receivedAt, source, correlationId });
      };
      if (received === 0 && !submission.step) {
        finish();
        return noEvents(submission);
      }
      batcher.admit(owner, received);
      let read: ReadSubmission;
      try {
        read = await readSubmission(submission, receivedAt, options, note);
        if (read.refused.count > 0) await submission.onRejected?.(read.refused.errors);
      } catch (error) {
        // Without this, the room would be lost until a restart.
        batcher.release(owner, received);
        throw error;
      }
      const { encoded, refused } = read;
      const rejected = refused.count;
      const { step, maxErrors = MAX_ERRORS } = submission;
      const ready = { source, owner, encoded, received, rejected, receivedAt, ...(step && { step }) };
      await batcher.store(ready);
      quotas.count(encoded.events);

      const counts = countOutcomes(encoded.events, note);
      finish();
      const errors = [...refused.errors, ...counts.errors].sort((a, b) => a.index - b.index);
      return {
        ...{ received, rejected, ...counts },
        errors: errors.slice(0, maxErrors),
        ...(submission.lenient && { warnings: read.moved.warnings }),
      };
    },

    noteRefused({ code, reason, ...request }) {
      const outcomes = { stored: 0, duplicates: 0, conflicts: 0, rejected: 0, skipped: 0 };
      recent.note({
        ...request,
        at: clock.now(),
        outcomes,
        refusals: [{ id: null, code, reason }],
        skipped: [],
      });
    },

    async validate(events, { lenient = false } = {}) {
      const faults: Fault[] = [];
      let found = 0;
      for (const [index, event] of events.entries()) {
        if (index > 0 && index % READ_AT_ONCE === 0) await yieldToOthers();
        const read = readEvent(event, { now: clock.now(), lenient }, `$[${index}]`);
        if (!Array.isArray(read)) continue;
        found += read.length;
        faults.push(...read.slice(0, MAX_FAULTS - faults.length));
      }
      return { faults, more: found - faults.length };
    },
  };
}

function noEvents({ lenient }: Submission): IngestResult {
  return {
    ...{ received: 0, stored: 0, duplicates: 0, conflicts: 0, rejected: 0, errors: [] },
    ...(lenient && { warnings: [] }),
  };
}

interface ReadSubmission {
  /** The valid events. */
  encoded: EncodedEvents;
  /** The other events, including those that the caller could not read. */
  refused: RefusedEvents;
  /** The unknown fields of the valid events. */
  moved: MovedFields;
}

/** `onRejected` receives every error; without it, the first errors are enough for the answer. */
function refusalsOf({ rejected = [], onRejected, maxErrors = MAX_ERRORS }: Submission): RefusedEvents {
  return new RefusedEvents(rejected, onRejected ? Number.POSITIVE_INFINITY : maxErrors);
}

/** Reads the events of a submission one by one, and drops each after it was read. */
async function readSubmission(
  submission: Submission,
  now: number,
  { currentPrices, currentLabels, reservedOrg, quotas, deletedOrgs, loop }: IngestOptions,
  note: SubmissionNote,
): Promise<ReadSubmission> {
  const { events, source, owner = source, correlationId } = submission;
  const { anyTime = false, internal = false, lenient = false } = submission;
  const many = events.length;
  const encoded = new EncodedEvents(many);
  const refused = refusalsOf(submission);
  const refuse = (index: number, event: unknown, code: string, why: readonly Fault[] | string) => {
    const error = refused.add(index, event, code, why);
    note.refuse(orgOfRefused(event, submission), error);
  };
  for (const error of submission.rejected ?? []) note.refuse(undefined, error);
  const moved = new MovedFields();
  const isLimited = hasQuota(source);
  await deletedOrgs.refresh();
  let labels: DeclaredLabels | undefined;
  let prices: Prices | undefined;
  for (const [index, event] of events.entries()) {
    if (index % READ_AT_ONCE === 0 && many > FEW_EVENTS) {
      if (index > 0) await yieldToOthers();
      await loop.take(owner, Math.min(many - index, READ_AT_ONCE) / READ_AT_ONCE);
    }
    const read = readEvent(event, { now, anyTime, internal, lenient });
    events[index] = undefined;
    const reached = isLimited && !Array.isArray(read) ? quotas.reachedBy(read.orgId, now) : undefined;
    if (Array.isArray(read)) {
      refuse(index, event, 'invalid', read);
    } else if (read.orgId === reservedOrg && source !== 'self') {
      refuse(index, event, 'forbidden', RESERVED);
    } else if (!submission.mayIngestFor(read.orgId)) {
      refuse(index, event, 'forbidden', NOT_THEIRS);
    } else if (deletedOrgs.has(read.orgId)) {
      refuse(index, event, 'forbidden', DELETED);
    } else if (reached !== undefined) {
      refuse(index, event, 'quota_exceeded', reached);
    } else {
      if (!prices && read.rows.some(isUnpriced)) prices = await currentPrices();
      if (!labels && read.rows[0]?.labels !== undefined) labels = await currentLabels();
      encoded.add(read, read.correlationId ?? correlationId, index, { prices, labels });
      moved.add(index, read);
    }
  }
  events.length = 0;
  if (isLimited) {
    for (const { index, sentId, orgId } of await quotas.removeNewSeries(encoded)) {
      refuse(index, { eventId: sentId, orgId }, 'quota_exceeded', quotas.seriesSentence);
    }
  }
  return { encoded, refused, moved };
}

/** The org that a refused event names, if its sender may send events for it. */
function orgOfRefused(event: unknown, { mayIngestFor }: Submission): string | undefined {
  const orgId = isObject(event) ? event.orgId : undefined;
  if (typeof orgId !== 'string' || orgId === ALL_ORGS || orgId === '' || orgId.length > MAX_ID_LENGTH)
    return undefined;
  return mayIngestFor(orgId) ? orgId : undefined;
}

/** The operator's own imports and the service's own events have no quota. */
function hasQuota(source: Source): boolean {
  return source === 'http' || source === 'rabbitmq';
}
