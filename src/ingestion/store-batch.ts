import type { Pool, PoolClient } from 'pg';
import { LOCK_SPACE, lockNumbers } from '../database/advisory-locks.ts';
import { withTransaction } from '../database/pool.ts';
import { eventColumnNames } from '../events/columns.ts';
import { stampRow } from '../events/row-writer.ts';
import { formatTimestamp } from '../events/timestamp.ts';
import type { SeriesDimensions } from '../series/enter-series.ts';
import type { SeriesIndex } from '../series/series-index.ts';
import { HOUR } from '../time.ts';
import { copyIn } from './copy-in.ts';
import { daysOf, type EncodedEvent, type EncodedEvents } from './encoded-events.ts';
import type { EventLedger, Outcome } from './ledger.ts';
import type { EventPartitions } from './partitions.ts';
import { advanceStream, type StreamStep } from './stream-progress.ts';

export type Source = 'http' | 'import' | 'rabbitmq' | 'self';

/** What one caller handed in, on its way into a batch. */
export interface Parcel {
  source: Source;
  encoded: EncodedEvents;
  received: number;
  /** Found not to be right before it came here; counted, never stored. */
  rejected: number;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  /** The piece of a stream that it is. */
  step?: StreamStep;
}

export interface StoredBatch {
  batchId: number;
  outcomes: ReadonlyMap<EncodedEvent, Outcome>;
  counts: Readonly<Record<Outcome, number>>;
}

/** An event that happened this long before it arrived makes its batch a late one. */
const LATE_MS = HOUR;
const EVENTS = `analytics.events (${eventColumnNames.join(', ')})`;

/** What `storeBatch` stands on; one for all batches of a process. */
export interface BatchStore {
  pool: Pool;
  series: SeriesIndex;
  partitions: EventPartitions;
  ledger: EventLedger;
}

/**
 * Stores a batch in one transaction: ids into the ledger, new events into `events`, and the counts into
 * `ingestion_batches`, where the roll-up worker finds them. When it returns, all of it is committed; when
 * it throws, none is, unless the connection broke during the commit (sending again is harmless).
 * @throws {StreamMovedError} when a parcel does not begin where its stream stands
 */
export async function storeBatch(
  store: BatchStore,
  parcels: readonly Parcel[],
  now: number,
): Promise<StoredBatch> {
  const events = parcels.flatMap((parcel) => parcel.encoded.events);
  const seriesIds = await store.series.resolve(seriesOf(parcels));
  await store.partitions.ensure(daysOf(events));
  return withTransaction(store.pool, async (client) => {
    const { batchId, hasPrevious } = await openBatch(client);
    const outcomes =
      events.length > 0
        ? await store.ledger.enter(client, events, batchId, hasPrevious)
        : new Map<EncodedEvent, Outcome>();
    const rows = parcels.flatMap((parcel) => stampRows(parcel, outcomes, seriesIds, batchId));
    if (rows.length > 0) await copyIn(client, EVENTS, rows);
    await keepConflicts(client, outcomes, batchId);
    const counts = countOutcomes(outcomes);
    // A piece of a stream may hold no events: the stream moves on, and the books have nothing to say.
    if (parcels.some(({ received }) => received > 0))
      await enterBatch(client, { parcels, outcomes, counts, batchId, now });
    for (const { step } of parcels) if (step) await advanceStream(client, step);
    return { batchId, outcomes, counts };
  });
}

function seriesOf(parcels: readonly Parcel[]): Map<string, SeriesDimensions> {
  const [first, ...rest] = parcels;
  if (first && rest.length === 0) return first.encoded.series;
  return new Map(parcels.flatMap((parcel) => [...parcel.encoded.series]));
}

/**
 * Numbers the batch, and looks whether ids of a previous generation are to be asked after. Having looked keeps
 * the generations as they are until the transaction ends. The lock comes before the number: `batchesStoredUpTo`
 * waits for every batch that has one.
 */
async function openBatch(client: PoolClient): Promise<{ batchId: number; hasPrevious: boolean }> {
  const { rows } = await client.query<{ batch_id: number; has_previous: boolean }>(
    `select pg_advisory_xact_lock_shared($1, $2), nextval('analytics.batch_ids') as batch_id,
       exists (select 1 from analytics.event_keys_previous limit 1) as has_previous`,
    [LOCK_SPACE, lockNumbers.storing],
  );
  return { batchId: Number(rows[0]?.batch_id), hasPrevious: rows[0]?.has_previous ?? true };
}

/** The bytes of the parcel's new events, with the columns filled in that only the batch knows. */
function stampRows(
  parcel: Parcel,
  outcomes: ReadonlyMap<EncodedEvent, Outcome>,
  seriesIds: ReadonlyMap<string, number>,
  batchId: number,
): Buffer[] {
  const { bytes, events } = parcel.encoded;
  const receivedAt = parcel.receivedAt * 1_000;
  const runs: { start: number; end: number }[] = [];
  for (const event of events) {
    if (outcomes.get(event) !== 'stored') continue;
    for (const { start, end, series } of event.rows) {
      const seriesId = seriesIds.get(series);
      if (seriesId === undefined) throw new Error(`the series of ${event.orgId} was given no number`);
      stampRow(bytes, end, seriesId, receivedAt, batchId);
      const run = runs.at(-1);
      if (run?.end === start) run.end = end;
      else runs.push({ start, end });
    }
  }
  return runs.map(({ start, end }) => bytes.subarray(start, end));
}

async function keepConflicts(
  client: PoolClient,
  outcomes: ReadonlyMap<EncodedEvent, Outcome>,
  batchId: number,
): Promise<void> {
  const conflicts = [...outcomes].filter(([, outcome]) => outcome === 'conflict').map(([event]) => event);
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

function countOutcomes(outcomes: ReadonlyMap<EncodedEvent, Outcome>): Record<Outcome, number> {
  const counts = { stored: 0, duplicate: 0, conflict: 0 };
  for (const outcome of outcomes.values()) counts[outcome]++;
  return counts;
}

interface Entry {
  parcels: readonly Parcel[];
  outcomes: ReadonlyMap<EncodedEvent, Outcome>;
  counts: StoredBatch['counts'];
  batchId: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Enters a batch into the books, where the roll-up worker finds it. */
async function enterBatch(
  client: PoolClient,
  { parcels, outcomes, counts, batchId, now }: Entry,
): Promise<void> {
  const orgs = new Set<string>();
  const types = new Set<string>();
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let rows = 0;
  for (const [event, outcome] of outcomes) {
    if (outcome !== 'stored') continue;
    orgs.add(event.orgId);
    types.add(event.type);
    rows += event.rows.length;
    from = Math.min(from, event.occurredAt);
    to = Math.max(to, event.occurredAt);
  }
  const startedAt = Math.min(...parcels.map((parcel) => parcel.receivedAt));
  const nothingStored = counts.stored === 0;
  const step = parcels.at(-1)?.step;
  await client.query(
    `insert into analytics.ingestion_batches (
       batch_id, source, org_ids, types, received, stored, duplicates, conflicts, rejected, late,
       occurred_from, occurred_to, started_at, stream, stream_offset, rows, completed_at, rolled_up_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, clock_timestamp(),
       case when $6 = 0 then clock_timestamp() end)`,
    [
      batchId,
      parcels[0]?.source,
      [...orgs],
      [...types],
      parcels.reduce((sum, parcel) => sum + parcel.received, 0),
      counts.stored,
      counts.duplicate,
      counts.conflict,
      parcels.reduce((sum, parcel) => sum + parcel.rejected, 0),
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
