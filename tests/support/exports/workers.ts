import type { Pool } from 'pg';
import { loadConfig } from '../../../src/config.ts';
import { createDestinations, type Destinations } from '../../../src/exports/delivery/destinations.ts';
import { createExport } from '../../../src/exports/jobs/create-export.ts';
import { readJob } from '../../../src/exports/jobs/read-jobs.ts';
import type { ExportRequest } from '../../../src/exports/request.ts';
import { ExportWorker } from '../../../src/exports/running/worker.ts';
import type { ExportWorkerOptions } from '../../../src/exports/running/worker-options.ts';
import { limitsOf } from '../../../src/quotas/quota.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { DAY, floorTo, systemClock } from '../../../src/time.ts';
import { silentLog } from '../events/ingestion.ts';

/** The destinations of a service with these settings. */
export function destinationsOf(env: Record<string, string>): Destinations {
  return createDestinations(loadConfig(env));
}

/** A worker that writes jobs one by one, when the test says so. */
export function exportWorker(
  pool: Pool,
  folder: string,
  options: Partial<ExportWorkerOptions> = {},
): ExportWorker {
  return new ExportWorker({
    ...{ pool, exportPool: pool, clock: systemClock, log: silentLog, metrics: createMetrics() },
    ...{ destinations: destinationsOf({ EXPORT_DIR: folder }), exportDir: folder },
    ...{ concurrency: 2, retention: 90 * DAY, lease: 30_000, version: 'test', issuer: 'test' },
    ...options,
  });
}

/** Asks for an export of raw events of the last two days. */
export async function askFor(pool: Pool, wanted: Partial<ExportRequest> = {}): Promise<string> {
  const today = floorTo(DAY, Date.now());
  const request: ExportRequest = {
    ...{ orgId: 'acme', dataset: 'events', range: { start: today - DAY, end: today + DAY } },
    ...{ granularity: 'daily', timezone: 'UTC', models: [], formats: ['csv', 'parquet'], columns: 'default' },
    ...{ groupBy: ['model'], bom: false, raw: false, events: { limit: 10_000 }, delivery: { type: 'local' } },
    ...wanted,
  };
  const config = loadConfig({});
  const options = { pool, clock: systemClock, limits: limitsOf(config), rawRetention: config.rawRetention };
  const actor = { id: 'test', roles: ['admin' as const], orgs: [], via: 'jwt' as const };
  const job = await createExport(options, { request }, { actor, route: 'test', requestId: 'test' });
  return job.jobId;
}

/** A job as it is now. */
export async function jobOf(pool: Pool, jobId: string, orgId = 'acme') {
  const job = await readJob(pool, orgId, jobId);
  if (!job) throw new Error(`there is no job ${jobId}`);
  return job;
}

/** Lets retries be due at once. */
export async function makeDue(pool: Pool): Promise<void> {
  await pool.query(`update analytics.export_jobs set not_before = now() where status = 'pending'`);
}

/** Ends the lease of a worker that has died. */
export async function endLease(pool: Pool, jobId: string): Promise<void> {
  await pool.query(
    `update analytics.export_jobs set leased_until = now() - interval '1 s' where job_id = $1 and status = 'running'`,
    [jobId],
  );
}
