import type { Pool } from 'pg';
import type { Config } from '../config.ts';
import { isTransient } from '../database/connection-error.ts';
import { CodedError } from '../errors.ts';
import { DeletedOrgs, OrgDeletedError } from '../orgs/deleted-orgs.ts';
import { createCurrentPrices } from '../prices/current-prices.ts';
import { limitsOf, type QuotaSettings } from '../quotas/quota.ts';
import { createCurrentLabels } from '../series/declared-labels.ts';
import { SeriesIndex } from '../series/series-index.ts';
import { LoopTurns } from '../shares/loop-turns.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { span } from '../telemetry/traces.ts';
import { type Clock, SECOND, sleep } from '../time.ts';
import { Batcher } from './batcher.ts';
import { countDaily } from './count-daily.ts';
import { createIngest, type Ingest } from './ingest.ts';
import { IngestQuotas } from './ingest-quotas.ts';
import { EventLedger } from './ledger.ts';
import type { OrgMetrics } from './org-metrics.ts';
import { EventPartitions } from './partitions.ts';
import { startRecent } from './recent/start-recent.ts';
import { type BatchStore, type EncodedSubmission, type StoredBatch, storeBatch } from './store-batch.ts';
import { StoreHealth } from './store-health.ts';

interface IngestionOptions {
  config: Pick<
    Config,
    | 'ingestionBatchSize'
    | 'ingestionBatchTimeout'
    | 'ingestionWorkers'
    | 'maxQueuedEvents'
    | 'rawRetention'
    | 'selfReport'
    | 'selfReportOrg'
  > &
    QuotaSettings;
  pool: Pool;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Shares the event loop between owners, if it is shared with others. */
  loop?: LoopTurns;
  /** Absent if usage is not counted by org. */
  orgMetrics?: OrgMetrics | undefined;
}

export interface Ingestion {
  ingest: Ingest;
  /** Whether over a quarter of the events that fit into memory are waiting to be stored. */
  isBusy(): boolean;
  /** Rejects while the database refuses to store events. */
  check(): Promise<void>;
  /** Refuses new events. Resolves when all admitted ones are committed or have failed. */
  stop(): Promise<void>;
}

const ATTEMPTS = 4;
/** A row has no partition: retention dropped it after ingestion had looked. */
const NO_PARTITION = '23514';

/** Assembles ingestion: it reads events, gathers them into batches, and stores these with a few writers. */
export function startIngestion({
  config,
  pool,
  clock,
  log,
  metrics,
  orgMetrics,
  loop = new LoopTurns(),
}: IngestionOptions): Ingestion {
  const limits = limitsOf(config);
  const store: BatchStore = {
    pool,
    series: new SeriesIndex(pool, { detailed: limits.detailed_series, all: limits.series }),
    partitions: new EventPartitions(pool, () => clock.now() - config.rawRetention),
    ledger: new EventLedger(),
  };
  const deletedOrgs = new DeletedOrgs(pool, (orgId) => store.series.forgetOrg(orgId));
  const health = new StoreHealth(clock);
  const flush = createFlush({ store, clock, log, metrics, orgMetrics, health });
  const batcher = new Batcher({
    batchSize: config.ingestionBatchSize,
    batchTimeout: config.ingestionBatchTimeout,
    workers: config.ingestionWorkers,
    maxEvents: config.maxQueuedEvents,
    flush: async (submissions) => {
      try {
        await flush(submissions);
      } catch (error) {
        if ((error as Error).cause instanceof OrgDeletedError) deletedOrgs.expire();
        throw error;
      }
    },
  });
  metrics.observeQueue(() => batcher.depth);
  const reservedOrg = config.selfReport === 'on' ? config.selfReportOrg : undefined;
  const { daily, stop: stopCounting } = countDaily({ pool, clock, log, limits });
  const { recent, stop: stopRecent } = startRecent({ pool, log });
  const ingest = createIngest({
    batcher,
    clock,
    loop,
    currentPrices: createCurrentPrices(pool),
    currentLabels: createCurrentLabels(pool),
    reservedOrg,
    quotas: new IngestQuotas(store.series, daily, limits),
    deletedOrgs,
    recent,
  });
  return {
    ingest: countRefusals(ingest, metrics),
    check: () => health.check(),
    isBusy: () => batcher.depth > config.maxQueuedEvents / 4,
    async stop() {
      await batcher.drain();
      await stopCounting();
      await stopRecent();
    },
  };
}

interface FlushOptions extends Pick<IngestionOptions, 'clock' | 'log' | 'metrics' | 'orgMetrics'> {
  store: BatchStore;
  health: StoreHealth;
}

/** Stores a batch and counts it. */
function createFlush({ store, clock, log, metrics, orgMetrics, health }: FlushOptions) {
  return async (submissions: readonly EncodedSubmission[]) => {
    const began = performance.now();
    try {
      const stored = await span('store batch', { submissions: submissions.length }, () =>
        storeRepeatedly(store, submissions, clock),
      );
      count(metrics, submissions, stored);
      orgMetrics?.note(submissions);
      metrics.flushSeconds.observe((performance.now() - began) / SECOND);
      health.stored();
    } catch (error) {
      if (error instanceof OrgDeletedError) throw sendAgain(error);
      health.failed(error);
      log.error({ err: error, submissions: submissions.length }, 'a batch could not be stored');
      if (!isTransient(error)) throw error;
      // The connection may have broken just after the commit, so the batch may be stored or not.
      throw sendAgain(error);
    }
  };
}

function sendAgain(cause: unknown): CodedError {
  const detail = 'the database cannot store the events now; send them again, each still counts once';
  return new CodedError('unavailable', detail, { retryAfterSeconds: 2, cause });
}

/** Counts the submissions that fail as a whole. */
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

/** Stores a batch, and tries again after a conflict with another transaction or a dropped partition. */
async function storeRepeatedly(
  store: BatchStore,
  submissions: readonly EncodedSubmission[],
  clock: Clock,
): Promise<StoredBatch> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await storeBatch(store, submissions, clock.now());
    } catch (error) {
      const code = (error as { code?: string }).code ?? '';
      const isPassing = code === NO_PARTITION || code === '42P01' || code.startsWith('40');
      if (attempt === ATTEMPTS || !isPassing) throw error;
      store.partitions.forget();
      await sleep(10 * attempt ** 2);
    }
  }
}

function count(
  metrics: Metrics,
  submissions: readonly EncodedSubmission[],
  { counts, merged }: Pick<StoredBatch, 'counts' | 'merged'>,
): void {
  const source = submissions[0]?.source ?? 'http';
  if (merged > 0) metrics.mergedRows.inc({ source }, merged);
  const rejected = submissions.reduce((sum, submission) => sum + submission.rejected, 0);
  for (const [outcome, events] of Object.entries({ ...counts, rejected })) {
    metrics.ingestedEvents.inc({ source, outcome }, events);
  }
  const cut = submissions.reduce((sum, { encoded }) => sum + encoded.cut, 0);
  if (cut > 0) metrics.cutTexts.inc({ source }, cut);
  metrics.flushEvents.observe(counts.stored + counts.duplicate + counts.conflict);
}
