import type { Pool, PoolClient } from 'pg';
import { LOCK_SPACE, lockNumbers } from '../database/advisory-locks.ts';
import { withTransaction } from '../database/pool.ts';
import { eventColumnNames } from '../events/columns.ts';
import { stampRow } from '../events/row-writer.ts';
import { formatTimestamp } from '../events/timestamp.ts';
import { deletedAmong, OrgDeletedError } from '../orgs/deleted-orgs.ts';
import type { SeriesDimensions } from '../series/enter-series.ts';
import type { SeriesIndex } from '../series/series-index.ts';
import { copyOf, runScript, type ScriptStatement } from './copy-in.ts';
import { type DedupResult, daysOf, type EncodedEvent, type EncodedEvents } from './encoded-events.ts';
import type { EventLedger } from './ledger.ts';
import type { EventPartitions } from './partitions.ts';
import { recordOf } from './record-batch.ts';
import { advanceStream, type StreamStep } from './stream-progress.ts';

export type Source = 'http' | 'import' | 'rabbitmq' | 'self';

/** The events of one caller, encoded and on their way into a batch. */
export interface EncodedSubmission {
  source: Source;
  /** The org, key or source that its events count for while they wait. */
  owner: string;
  encoded: EncodedEvents;
  received: number;
  /** Events that were refused before. They are counted and not stored. */
  rejected: number;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  /** The part of a stream that it is. */
  step?: StreamStep;
}

export interface StoredBatch {
  batchId: number;
  counts: Readonly<Record<DedupResult, number>>;
  /** The stored rows of clients and labels that are no longer told apart. */
  merged: number;
}

const EVENTS = `analytics.events (${eventColumnNames.join(', ')})`;

/**
 * Takes the lock of storing, numbers the batch, and looks for deleted orgs and for ids of a previous generation. The look
 * locks the generations as they are until the transaction ends. The lock comes before the number: `batchesStoredUpTo`
 * waits for every batch that has one. It is a statement of its own, because the next one must see what was committed
 * while it waited for the lock.
 */
function openingOf(orgIds: ReadonlySet<string>): string {
  return `
    select pg_advisory_xact_lock_shared(${LOCK_SPACE}, ${lockNumbers.storing});
    select nextval('analytics.batch_ids') as "batchId", ${deletedAmong(orgIds)} as deleted,
      exists (select 1 from analytics.event_keys_previous limit 1) as "hasPrevious"`;
}

/** What the opening answers. */
interface Opening {
  batchId: number;
  deleted: string[];
  hasPrevious: boolean;
}

/** What `storeBatch` needs; one for all batches of a process. */
export interface BatchStore {
  pool: Pool;
  series: SeriesIndex;
  partitions: EventPartitions;
  ledger: EventLedger;
}

/**
 * Stores a batch in one transaction: ids into the ledger, new events into `events`, and the counts into
 * `ingestion_batches`, where the roll-up worker finds them. When it resolves, all is committed, and each event has its
 * result. When it rejects, nothing is, unless the connection broke during the commit; sending again is harmless.
 * @throws {StreamMovedError} when another reader has advanced the stream
 * @throws {OrgDeletedError} when an org of the batch was deleted
 */
export async function storeBatch(
  store: BatchStore,
  submissions: readonly EncodedSubmission[],
  now: number,
): Promise<StoredBatch> {
  const events = submissions.flatMap((submission) => submission.encoded.events);
  const series = await store.series.resolve(seriesOf(submissions));
  await store.partitions.ensure(daysOf(events));
  const batch = { store, submissions, events, seriesIds: series.ids, now };
  const batchId = await storeInTransaction(batch);
  return { batchId, counts: countResults(events), merged: countMerged(events, series.merged) };
}

/** What the two ways of storing need. */
interface Batch {
  store: BatchStore;
  submissions: readonly EncodedSubmission[];
  events: readonly EncodedEvent[];
  seriesIds: ReadonlyMap<string, number>;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Most batches are stored in two round trips, or three with a look-up. Another process may enter the same id at the same
 * time. Then the batch is stored step by step, like batches whose events depend on each other.
 * @returns the number of the batch
 */
async function storeInTransaction(batch: Batch): Promise<number> {
  const { store, submissions, events } = batch;
  const opening = openingOf(new Set(events.map(({ orgId }) => orgId)));
  const run = (way: typeof storeAtOnce) =>
    withTransaction(
      store.pool,
      async (client, rows) => {
        const opened = rows[0] as unknown as Opening;
        if (opened.deleted.length > 0) throw new OrgDeletedError(opened.deleted);
        return way(client, batch, opened);
      },
      { opening },
    );
  const isPlain =
    events.every(({ onceId }) => onceId === undefined) && submissions.every(({ step }) => step === undefined);
  if (!isPlain) return run(storeInSteps);
  try {
    return await run(storeAtOnce);
  } catch (error) {
    if (!store.ledger.explains(error)) throw error;
    return run(storeInSteps);
  }
}

/** Sends ids, events, the record and the commit together. */
async function storeAtOnce(client: PoolClient, batch: Batch, opening: Opening): Promise<number> {
  const { store, events } = batch;
  const { batchId } = opening;
  const newIds = await store.ledger.look(client, events, batchId, opening.hasPrevious);
  const counts = countResults(events);
  if (counts.conflict > 0) return storeInSteps(client, batch, opening);
  const rows = stampRows(batch, batchId);
  const script: ScriptStatement[] = [...newIds];
  if (rows.length > 0) script.push(copyOf(EVENTS, rows));
  script.push({ sql: recordOf({ ...batch, counts, batchId }) }, { sql: 'commit' });
  await runScript(client, script);
  return batchId;
}

async function storeInSteps(client: PoolClient, batch: Batch, opening: Opening): Promise<number> {
  const { store, submissions, events } = batch;
  const { batchId } = opening;
  if (events.length > 0) await store.ledger.enter(client, events, batchId, opening.hasPrevious);
  const rows = stampRows(batch, batchId);
  if (rows.length > 0) await runScript(client, [copyOf(EVENTS, rows)]);
  await storeConflicts(client, events, batchId);
  // A part of a stream may hold no events: the stream advances, and there is no batch to record.
  if (submissions.some(({ received }) => received > 0))
    await client.query(recordOf({ ...batch, counts: countResults(events), batchId }));
  for (const { step } of submissions) if (step) await advanceStream(client, step);
  return batchId;
}

function seriesOf(submissions: readonly EncodedSubmission[]): Map<string, SeriesDimensions> {
  const [first, ...rest] = submissions;
  if (first && rest.length === 0) return first.encoded.series;
  return new Map(submissions.flatMap((submission) => [...submission.encoded.series]));
}

/** The bytes of the new events of a batch, with the columns that are known only now. */
function stampRows({ submissions, seriesIds }: Batch, batchId: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (const { encoded, receivedAt } of submissions) {
    const delivery = { receivedAt: receivedAt * 1_000, batchId };
    const runs: { start: number; end: number }[] = [];
    for (const event of encoded.events) {
      if (event.result !== 'stored') continue;
      for (const { start, end, series } of event.rows) {
        const seriesId = seriesIds.get(series);
        if (seriesId === undefined) throw new Error(`a series of ${event.orgId} has no number`);
        stampRow(encoded.bytes, end, seriesId, delivery);
        const run = runs.at(-1);
        if (run?.end === start) run.end = end;
        else runs.push({ start, end });
      }
    }
    for (const { start, end } of runs) pieces.push(encoded.bytes.subarray(start, end));
  }
  return pieces;
}

function countMerged(events: readonly EncodedEvent[], merged: ReadonlySet<string>): number {
  if (merged.size === 0) return 0;
  let count = 0;
  for (const { rows, result } of events) {
    if (result === 'stored') for (const { series } of rows) if (merged.has(series)) count++;
  }
  return count;
}

async function storeConflicts(
  client: PoolClient,
  events: readonly EncodedEvent[],
  batchId: number,
): Promise<void> {
  const conflicts = events.filter(({ result }) => result === 'conflict');
  if (conflicts.length === 0) return;
  await client.query(
    `insert into analytics.event_conflicts
       (org_id, event_id, batch_id, payload_hash, type, occurred_at, correlation_id)
     select org_id, event_id, $2, payload_hash, type, occurred_at, correlation_id
     from json_to_recordset($1::json) as c (
       org_id text, event_id uuid, payload_hash bigint, type text, occurred_at timestamptz, correlation_id text)`,
    [
      JSON.stringify(
        conflicts.map((event) => ({
          org_id: event.orgId,
          event_id: event.eventId,
          payload_hash: String(event.payloadHash),
          type: event.type,
          occurred_at: formatTimestamp(event.occurredAt),
          correlation_id: event.correlationId,
        })),
      ),
      batchId,
    ],
  );
}

function countResults(events: readonly EncodedEvent[]): Record<DedupResult, number> {
  const counts = { stored: 0, duplicate: 0, conflict: 0 };
  for (const { result } of events) if (result) counts[result]++;
  return counts;
}
