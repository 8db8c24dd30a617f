import type { Pool, PoolClient } from 'pg';
import { LOCK_SPACE, lockNumbers } from '../database/advisory-locks.ts';
import { withTransaction } from '../database/pool.ts';
import { eventColumnNames } from '../events/columns.ts';
import { stampRow } from '../events/row-writer.ts';
import { formatTimestamp } from '../events/timestamp.ts';
import { refuseDeletedOrgs } from '../orgs/deleted-orgs.ts';
import type { SeriesDimensions } from '../series/enter-series.ts';
import type { SeriesIndex } from '../series/series-index.ts';
import { HOUR } from '../time.ts';
import { copyIn } from './copy-in.ts';
import { daysOf, type EncodedEvent, type EncodedEvents } from './encoded-events.ts';
import type { DedupResult, EventLedger } from './ledger.ts';
import type { EventPartitions } from './partitions.ts';
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
  results: ReadonlyMap<EncodedEvent, DedupResult>;
  counts: Readonly<Record<DedupResult, number>>;
  /** The stored rows of clients and labels that are no longer told apart. */
  merged: number;
}

/** A batch is late when one of its events happened longer ago than this. */
const LATE_MS = HOUR;
const EVENTS = `analytics.events (${eventColumnNames.join(', ')})`;

/**
 * Numbers the batch, and looks whether there are ids of a previous generation. The look locks the generations as they
 * are until the transaction ends. The lock of storing comes before the number: `batchesStoredUpTo` waits for every batch
 * that has one.
 */
const OPEN_BATCH = `
  select pg_advisory_xact_lock_shared(${LOCK_SPACE}, ${lockNumbers.storing}), nextval('analytics.batch_ids') as batch_id,
    exists (select 1 from analytics.event_keys_previous limit 1) as has_previous`;

/** What `OPEN_BATCH` answers: `batch_id` and `has_previous`. */
type Opening = readonly Record<string, unknown>[];

/** What `storeBatch` needs; one for all batches of a process. */
export interface BatchStore {
  pool: Pool;
  series: SeriesIndex;
  partitions: EventPartitions;
  ledger: EventLedger;
}

/**
 * Stores a batch in one transaction: ids into the ledger, new events into `events`, and the counts into
 * `ingestion_batches`, where the roll-up worker finds them. When it resolves, all is committed. When it rejects,
 * nothing is, unless the connection broke during the commit; sending again is harmless.
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
  const storeAll = async (client: PoolClient, opening: Opening): Promise<StoredBatch> => {
    const batchId = Number(opening[0]?.batch_id);
    await refuseDeletedOrgs(client, [...new Set(events.map(({ orgId }) => orgId))]);
    const results =
      events.length > 0
        ? await store.ledger.enter(client, events, batchId, opening[0]?.has_previous !== false)
        : new Map<EncodedEvent, DedupResult>();
    const rows = submissions.flatMap((submission) => stampRows(submission, results, series.ids, batchId));
    if (rows.length > 0) await copyIn(client, EVENTS, rows);
    await storeConflicts(client, results, batchId);
    const counts = countResults(results);
    // A part of a stream may hold no events: the stream advances, and there is no batch to record.
    if (submissions.some(({ received }) => received > 0))
      await recordBatch(client, { submissions, results, counts, batchId, now });
    for (const { step } of submissions) if (step) await advanceStream(client, step);
    return { batchId, results, counts, merged: countMerged(results, series.merged) };
  };
  return withTransaction(store.pool, storeAll, { opening: OPEN_BATCH });
}

function seriesOf(submissions: readonly EncodedSubmission[]): Map<string, SeriesDimensions> {
  const [first, ...rest] = submissions;
  if (first && rest.length === 0) return first.encoded.series;
  return new Map(submissions.flatMap((submission) => [...submission.encoded.series]));
}

/** The bytes of the submission's new events, with the columns that are known only now. */
function stampRows(
  submission: EncodedSubmission,
  results: ReadonlyMap<EncodedEvent, DedupResult>,
  seriesIds: ReadonlyMap<string, number>,
  batchId: number,
): Buffer[] {
  const { bytes, events } = submission.encoded;
  const delivery = { receivedAt: submission.receivedAt * 1_000, batchId };
  const runs: { start: number; end: number }[] = [];
  for (const event of events) {
    if (results.get(event) !== 'stored') continue;
    for (const { start, end, series } of event.rows) {
      const seriesId = seriesIds.get(series);
      if (seriesId === undefined) throw new Error(`a series of ${event.orgId} has no number`);
      stampRow(bytes, end, seriesId, delivery);
      const run = runs.at(-1);
      if (run?.end === start) run.end = end;
      else runs.push({ start, end });
    }
  }
  return runs.map(({ start, end }) => bytes.subarray(start, end));
}

function countMerged(results: ReadonlyMap<EncodedEvent, DedupResult>, merged: ReadonlySet<string>): number {
  if (merged.size === 0) return 0;
  let count = 0;
  for (const [{ rows }, result] of results) {
    if (result === 'stored') for (const { series } of rows) if (merged.has(series)) count++;
  }
  return count;
}

async function storeConflicts(
  client: PoolClient,
  results: ReadonlyMap<EncodedEvent, DedupResult>,
  batchId: number,
): Promise<void> {
  const conflicts = [...results].filter(([, result]) => result === 'conflict').map(([event]) => event);
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

function countResults(results: ReadonlyMap<EncodedEvent, DedupResult>): Record<DedupResult, number> {
  const counts = { stored: 0, duplicate: 0, conflict: 0 };
  for (const result of results.values()) counts[result]++;
  return counts;
}

interface BatchRecord {
  submissions: readonly EncodedSubmission[];
  results: ReadonlyMap<EncodedEvent, DedupResult>;
  counts: StoredBatch['counts'];
  batchId: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Records a batch in `ingestion_batches`, where the roll-up worker finds it. */
async function recordBatch(
  client: PoolClient,
  { submissions, results, counts, batchId, now }: BatchRecord,
): Promise<void> {
  const orgs = new Set<string>();
  const types = new Set<string>();
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let rows = 0;
  for (const [event, result] of results) {
    if (result !== 'stored') continue;
    orgs.add(event.orgId);
    types.add(event.type);
    rows += event.rows.length;
    from = Math.min(from, event.occurredAt);
    to = Math.max(to, event.occurredAt);
  }
  const startedAt = Math.min(...submissions.map((submission) => submission.receivedAt));
  const nothingStored = counts.stored === 0;
  const step = submissions.at(-1)?.step;
  await client.query(
    `insert into analytics.ingestion_batches (
       batch_id, source, org_ids, types, received, stored, duplicates, conflicts, rejected, late,
       occurred_from, occurred_to, started_at, stream, stream_offset, rows, completed_at, rolled_up_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, clock_timestamp(),
       case when $6 = 0 then clock_timestamp() end)`,
    [
      batchId,
      submissions[0]?.source,
      [...orgs],
      [...types],
      submissions.reduce((sum, submission) => sum + submission.received, 0),
      counts.stored,
      counts.duplicate,
      counts.conflict,
      submissions.reduce((sum, submission) => sum + submission.rejected, 0),
      !nothingStored && from / 1_000 < now - LATE_MS,
      nothingStored ? null : formatTimestamp(from),
      nothingStored ? null : formatTimestamp(to),
      new Date(startedAt),
      step?.stream,
      step?.offset,
      rows,
    ],
  );
}
