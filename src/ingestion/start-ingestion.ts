import type { Pool } from 'pg';
import type { Config } from '../config.ts';
import { isTransient } from '../database/connection-error.ts';
import { CodedError } from '../errors.ts';
import { createCurrentPrices } from '../prices/current-prices.ts';
import { SeriesIndex } from '../series/series-index.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { span } from '../telemetry/traces.ts';
import { type Clock, SECOND, sleep } from '../time.ts';
import { Batcher } from './batcher.ts';
import { createIngest, type Ingest } from './ingest.ts';
import { EventLedger } from './ledger.ts';
import type { OrgMetrics } from './org-metrics.ts';
import { EventPartitions } from './partitions.ts';
import { type BatchStore, type Parcel, type StoredBatch, storeBatch } from './store-batch.ts';

interface IngestionOptions {
  config: Pick<
    Config,
    | 'ingestionBatchSize'
    | 'ingestionBatchTimeout'
    | 'ingestionWorkers'
    | 'maxQueuedEvents'
    | 'selfReport'
    | 'selfReportOrg'
  >;
  pool: Pool;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Absent where usage is not counted by org. */
  orgMetrics?: OrgMetrics | undefined;
}

export interface Ingestion {
  ingest: Ingest;
  /** Whether a good part of what may be held waits to be stored. */
  isBusy(): boolean;
  /** Refuses what comes from now on; returns once all that was accepted is committed or refused. */
  stop(): Promise<void>;
}

const ATTEMPTS = 4;
/** No partition for a row: retention dropped it after we had looked. */
const NO_PARTITION = '23514';

/** Assembles ingestion: events are read, gathered into batches, and stored by a few writers. */
export function startIngestion({
  config,
  pool,
  clock,
  log,
  metrics,
  orgMetrics,
}: IngestionOptions): Ingestion {
  const store: BatchStore = {
    pool,
    series: new SeriesIndex(pool),
    partitions: new EventPartitions(pool),
    ledger: new EventLedger(),
  };
  const batcher = new Batcher({
    batchSize: config.ingestionBatchSize,
    batchTimeout: config.ingestionBatchTimeout,
    workers: config.ingestionWorkers,
    maxEvents: config.maxQueuedEvents,
    flush: async (parcels) => {
      const began = performance.now();
      try {
        const { outcomes, counts } = await span('store batch', { parcels: parcels.length }, () =>
          storeRepeatedly(store, parcels, clock),
        );
        count(metrics, parcels, counts);
        orgMetrics?.note(parcels, outcomes);
        metrics.flushSeconds.observe((performance.now() - began) / SECOND);
        return outcomes;
      } catch (error) {
        log.error({ err: error, parcels: parcels.length }, 'a batch could not be stored');
        if (!isTransient(error)) throw error;
        // The connection may have broken just after the commit, so what became of the batch is not known.
        const detail = 'the database cannot take the events now; send them again, and each will count once';
        throw new CodedError('unavailable', detail, { retryAfterSeconds: 2, cause: error });
      }
    },
  });
  metrics.observeQueue(() => batcher.depth);
  const reservedOrg = config.selfReport === 'on' ? config.selfReportOrg : undefined;
  const ingest = createIngest(batcher, clock, createCurrentPrices(pool), reservedOrg);
  return {
    ingest: countRefusals(ingest, metrics),
    isBusy: () => batcher.depth > config.maxQueuedEvents / 4,
    stop: () => batcher.drain(),
  };
}

/** The same, counting submissions that are sent back as a whole. */
function countRefusals(ingest: Ingest, metrics: Metrics): Ingest {
  return {
    ...ingest,
    submit: async (submission) => {
      try {
        return await ingest.submit(submission);
      } catch (error) {
        const reason = error instanceof CodedError ? error.code : 'internal';
        metrics.refusedSubmissions.inc({ source: submission.source, reason });
        throw error;
      }
    },
  };
}

/** Tries again what another transaction or a dropped partition got in the way of. */
async function storeRepeatedly(
  store: BatchStore,
  parcels: readonly Parcel[],
  clock: Clock,
): Promise<StoredBatch> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await storeBatch(store, parcels, clock.now());
    } catch (error) {
      const code = (error as { code?: string }).code ?? '';
      const inTheWay = code === NO_PARTITION || code === '42P01' || code.startsWith('40');
      if (attempt === ATTEMPTS || !inTheWay) throw error;
      store.partitions.forget();
      await sleep(10 * attempt ** 2);
    }
  }
}

function count(metrics: Metrics, parcels: readonly Parcel[], counts: StoredBatch['counts']): void {
  const source = parcels[0]?.source ?? 'http';
  const rejected = parcels.reduce((sum, parcel) => sum + parcel.rejected, 0);
  for (const [outcome, events] of Object.entries({ ...counts, rejected })) {
    metrics.ingestedEvents.inc({ source, outcome }, events);
  }
  metrics.flushEvents.observe(counts.stored + counts.duplicate + counts.conflict);
}
