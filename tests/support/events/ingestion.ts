import { afterAll, beforeAll } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import type { IngestResult } from '../../../src/ingestion/ingest.ts';
import { type Ingestion, startIngestion } from '../../../src/ingestion/start-ingestion.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { type Clock, systemClock } from '../../../src/time.ts';
import type { TestDatabase } from '../database/database.ts';

export const silentLog = createLog({ level: 'silent' });

/** Ingestion into a test database, without the service around it. */
export function useIngestion(database: TestDatabase, clock: Clock = systemClock) {
  let ingestion: Ingestion | undefined;
  beforeAll(() => {
    const config = loadConfig({});
    ingestion = startIngestion({
      config,
      pool: database.pool,
      clock,
      log: silentLog,
      metrics: createMetrics(),
    });
  });
  afterAll(() => ingestion?.stop());

  const open = (): Ingestion => {
    if (!ingestion) throw new Error('Ingestion is there from beforeAll on.');
    return ingestion;
  };
  return {
    get ingest() {
      return open().ingest;
    },
    /** Stores events as one submission, which becomes a batch of its own. */
    store: (...events: object[]): Promise<IngestResult> =>
      open().ingest.submit({
        events: [...events],
        source: 'http',
        correlationId: 'test',
        mayIngestFor: () => true,
      }),
  };
}
