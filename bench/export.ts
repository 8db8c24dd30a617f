/**
 * Measures exports of raw events: a million of them in one org, in each format, as a job of the service.
 *
 * The comparison is `psql`: `\copy` of the same query to a file. Beside the exports, single questions and batches of
 * events are timed, alone and while exports are written one after another.
 *
 * Results: `seconds` is the time from the request until the job has succeeded, as its caller sees it. `growth` is how much
 * the resident memory of the service rises above what it was before. A million events to CSV should take less than 5 s
 * and 64 MB, Parquet less than 10 s. A month of FOCUS for 250 orgs, as a job for each, should take less than 60 s. Questions and batches beside exports should take at most 1.2 times as long.
 *
 * `BENCH_EVENTS` is the number of events, 0 to leave them out; `BENCH_DATABASE_URL` is an empty database; without it, one
 * is embedded.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Pool } from 'pg';
import { createPool, withTransaction } from '../src/database/pool.ts';
import { eventsDataset } from '../src/exports/datasets/events.ts';
import { type ExportRequest, exportFormats } from '../src/exports/request.ts';
import { EventPartitions } from '../src/ingestion/partitions.ts';
import { DAY, floorTo, HOUR, SECOND } from '../src/time.ts';
import { call, callOk } from './support/call.ts';
import { exportFocusMonth } from './support/focus-month.ts';
import { residentMegabytes } from './support/processes/process-use.ts';
import { endProgress, progress } from './support/progress.ts';
import { median } from './support/quantile.ts';
import { type Service, startService } from './support/service.ts';

const EVENTS = Number(process.env.BENCH_EVENTS ?? 1_000_000);
/** Questions and batches, each alone and beside exports. */
const SAMPLES = Number(process.env.BENCH_SAMPLES ?? 200);
const EVENTS_OF_BATCH = 100;
const ORG = 'bench';

const now = Date.now();
const range = { start: floorTo(DAY, now) - 2 * DAY, end: floorTo(DAY, now) + DAY };
const timeRange = { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() };
const agent = new Agent({ keepAlive: true });

/** Raw events as ingestion stores them, of ten models and four clients, over two days. */
async function seed(pool: Pool): Promise<void> {
  const days = [0, 1, 2].map((day) => range.start / DAY + day);
  await new EventPartitions(pool).ensure(days);
  await pool.query(
    `insert into analytics.events (org_id, event_id, type, occurred_at, actor_id, model_id, client_id, status,
       error_code, value, value_bin, input_tokens, output_tokens, cost, attributes, correlation_id, series_id,
       received_at, batch_id)
     select $1, gen_random_uuid(), 'usage', $2::timestamptz + random() * interval '2 days', 'user-' || n % 5000,
       'model-' || n % 10, 'client-' || n % 4, case when n % 20 = 0 then 'error' else 'success' end,
       case when n % 20 = 0 then 'upstream_500' end, 80000 + (random() * 6e6)::bigint, 100,
       (random() * 4000)::bigint, (random() * 1200)::bigint, (random() * 30000)::bigint,
       case when n % 4 = 0 then jsonb_build_object('metadata', jsonb_build_object('team', 'team-' || n % 7)) end,
       gen_random_uuid()::text, 1, now(), 1
     from generate_series(1, $3) as n`,
    [ORG, new Date(range.start), EVENTS],
  );
  await pool.query('vacuum analyze analytics.events');
}

function residentBytes(pid: number): number {
  return residentMegabytes(pid) * 1_024 * 1_024;
}

interface Exported {
  seconds: number;
  /** The most resident memory above that before. */
  growth: number;
  bytes: number;
}

async function exportOnce(service: Service, format: string): Promise<Exported> {
  const body = { timeRange, dataset: 'events', formats: [format], events: { limit: EVENTS } };
  const path = `/analytics/v1/orgs/${ORG}/exports`;
  const before = residentBytes(service.pid);
  const began = performance.now();
  const asked = await call(service, agent, path, Buffer.from(JSON.stringify(body)));
  if (asked.status !== 202) throw new Error(`the export was refused: ${asked.text}`);
  const { jobId } = JSON.parse(asked.text) as { jobId: string };
  let most = before;
  for (;;) {
    const job = await callOk<Job>(service, agent, `${path}/${jobId}`);
    most = Math.max(most, residentBytes(service.pid));
    if (job.status === 'succeeded') {
      if (job.rowCount !== EVENTS) throw new Error(`${job.rowCount} rows were exported, not ${EVENTS}`);
      const seconds = (performance.now() - began) / SECOND;
      return { seconds, growth: most - before, bytes: job.files[0]?.bytes ?? 0 };
    }
    if (job.status !== 'pending' && job.status !== 'running') throw new Error(`the export is ${job.status}`);
    progress(`${format}: ${job.progress.rows} rows`);
    await wait(20);
  }
}

interface Job {
  status: string;
  rowCount?: number;
  progress: { rows: number };
  files: { bytes: number }[];
}

/** Seconds that `psql` takes to copy the same query into a file; undefined without `psql`. */
async function copyWithPsql(pool: Pool, url: string): Promise<number | undefined> {
  const request: ExportRequest = {
    ...{
      orgId: ORG,
      dataset: 'events',
      range,
      granularity: 'daily',
      timezone: 'UTC',
      models: [],
      groupBy: ['model'],
    },
    ...{ formats: ['csv'], columns: 'default', bom: false, raw: false, events: { limit: EVENTS } },
    delivery: { type: 'local' },
  };
  const statement = await withTransaction(pool, async (client) => {
    return (await eventsDataset.open({ client, pool, now, issuer: 'bench' }, request)).copy?.statement({
      raw: false,
    });
  });
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-bench-'));
  const oneLine = statement
    ?.replaceAll(/\s+/g, ' ')
    .replace('to stdout', `to '${join(folder, 'events.csv')}'`);
  const began = performance.now();
  const { status } = spawnSync('psql', [url, '-qX', '-c', "set work_mem = '64MB'", '-c', `\\${oneLine}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const seconds = (performance.now() - began) / SECOND;
  await rm(folder, { recursive: true, force: true });
  return status === 0 ? seconds : undefined;
}

/** The median milliseconds of questions and of batches, one after another. */
async function timeNeighbours(service: Service): Promise<{ question: number; batch: number }> {
  const questions: number[] = [];
  const batches: number[] = [];
  const timed = async (times: number[], act: () => Promise<unknown>) => {
    const began = performance.now();
    await act();
    times.push(performance.now() - began);
  };
  for (let sample = 0; sample < SAMPLES; sample++) {
    await timed(questions, () => callOk(service, agent, '/analytics/v1/orgs/other/usage?groupBy=model'));
    await timed(batches, () => callOk(service, agent, '/analytics/v1/events', makeBatch()));
    await wait(10);
  }
  return { question: median(questions), batch: median(batches) };
}

function makeBatch(): Buffer {
  const numbers = { latencyMs: 800, inputTokens: 1_000, outputTokens: 200, costEstimateCents: 0.5 };
  const event = () => ({
    ...{ eventId: crypto.randomUUID(), orgId: 'other', modelId: 'model', status: 'success', ...numbers },
    occurredAt: new Date(Date.now() - HOUR).toISOString(),
  });
  return Buffer.from(JSON.stringify(Array.from({ length: EVENTS_OF_BATCH }, event)));
}

async function beside<T>(service: Service, act: () => Promise<T>): Promise<T> {
  let going = true;
  const exports = (async () => {
    while (going) await exportOnce(service, 'csv');
  })();
  const result = await act();
  going = false;
  await exports;
  return result;
}

function print(cells: readonly string[]): void {
  endProgress();
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(34) : cell.padStart(12))).join(''));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

const service = await startService({ QUOTA_OPEN_EXPORTS: '0' });
const pool = createPool({
  connectionString: service.databaseUrl,
  ...{ max: 2, applicationName: 'bench', statementTimeoutMs: 0, onError: () => {} },
});

async function measureEvents(): Promise<void> {
  progress(`storing ${EVENTS} events`);
  await seed(pool);
  print([`${EVENTS} raw events`, 'seconds', 'growth', 'file']);
  for (const format of exportFormats) {
    const { seconds, growth, bytes } = await exportOnce(service, format);
    print([format, seconds.toFixed(2), megabytes(growth), megabytes(bytes)]);
  }
  const copied = await copyWithPsql(pool, service.databaseUrl);
  print(['psql \\copy of the same query', copied?.toFixed(2) ?? 'no psql']);
  const alone = await timeNeighbours(service);
  const crowded = await beside(service, () => timeNeighbours(service));
  print(['median ms', 'alone', 'beside', 'ratio']);
  for (const name of ['question', 'batch'] as const) {
    const ratio = crowded[name] / alone[name];
    print([name, alone[name].toFixed(2), crowded[name].toFixed(2), ratio.toFixed(2)]);
  }
}

try {
  const { orgs, rows, seconds } = await exportFocusMonth(service, pool, agent);
  print(['a month of FOCUS', 'seconds', 'orgs', 'rows']);
  print(['csv, a job for each org', seconds.toFixed(1), String(orgs), String(rows)]);
  if (EVENTS > 0) await measureEvents();
} finally {
  agent.destroy();
  await pool.end();
  await service.stop();
}
