/**
 * Measures the cost of late events. A million events of the last three days are stored and rolled up. Then one request
 * sends 5,000 more, spread over those days. The benchmark measures the time until the day totals show them, with the
 * worker running as usual. It also measures the fold alone, with a read of the day totals. The alternative rebuilds
 * those days from raw events (`rebuild`), as a system must whose rollups cannot be updated.
 *
 * Results: `fold and read` should take at most half a second. `until visible` is the time from the acknowledgement,
 * with the wait for the worker, which pauses a second between two rounds. `of rebuild` is the share of the rebuild of
 * the same days in the same run. Each round ends with a check that the day totals of all orgs contain every event.
 */
import { Agent } from 'node:http';
import { createPool } from '../src/database/pool.ts';
import { ALL_ORGS } from '../src/events/all-orgs.ts';
import { promoteAll, rollUp } from '../src/rollups/fold/roll-up.ts';
import { bucketStart, grainNamed } from '../src/rollups/grains.ts';
import { rebuild } from '../src/rollups/remake/rebuild.ts';
import { rollupRowsSql } from '../src/rollups/rows/rollup-rows.ts';
import { compact } from '../src/rollups/upkeep/compact.ts';
import { RollupWorker } from '../src/rollups/worker.ts';
import { createLog } from '../src/telemetry/log.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { DAY, MINUTE, SECOND, sleep } from '../src/time.ts';
import { callOk } from './support/call.ts';
import { endProgress, progress } from './support/progress.ts';
import { median } from './support/quantile.ts';
import { orgName, usageEvents } from './support/seed-events.ts';
import { send, sendAll } from './support/sender.ts';
import { startService } from './support/service.ts';

const EVENTS = Number(process.env.BENCH_EVENTS ?? 1_000_000);
const LATE_EVENTS = 5_000;
const ROUNDS = 5;
const PER_REQUEST = 1_000;
const PER_STEP = 50_000;
const ORG = orgName(0);
const day = grainNamed('day');

// The worker runs in this process, so that the benchmark can start and stop it.
const service = await startService({ ROLES: 'api,ingest' });
const pool = createPool({
  connectionString: service.databaseUrl,
  max: 4,
  applicationName: 'bench',
  statementTimeoutMs: 0,
  onError: () => {},
});
const agent = new Agent({ keepAlive: true });
const now = Date.now();
const next = usageEvents(13, (random) => now - MINUTE - random() * (3 * DAY - MINUTE));
const from = new Date(bucketStart(day, now - 3 * DAY));
const usagePath = `/analytics/v1/orgs/${ORG}/usage?granularity=day&start=${from.toISOString()}`;

let stored = 0;
let storedOfOrg = 0;

function makeEvents(count: number) {
  const events = Array.from({ length: count }, next);
  stored += count;
  storedOfOrg += events.filter(({ orgId }) => orgId === ORG).length;
  return Buffer.from(JSON.stringify(events));
}

async function rollUpAll(): Promise<void> {
  while ((await rollUp(pool)) > 0);
}

async function storeMillion(): Promise<void> {
  while (stored < EVENTS) {
    progress(`storing and rolling up: ${(EVENTS - stored).toLocaleString('en')} events to go`);
    const bodies = Array.from({ length: PER_STEP / PER_REQUEST }, () => makeEvents(PER_REQUEST));
    await sendAll(service, bodies, 4);
    await rollUpAll();
  }
  progress('promoting to days, and compacting');
  await promoteAll(pool, day);
  for (const name of ['minute', 'quarter_hour', 'hour'] as const) {
    while ((await compact(pool, grainNamed(name))) > 0);
  }
  await pool.query('vacuum (analyze)');
}

async function readOrg(): Promise<number> {
  const answer = await callOk<{ totals: { invocations: number } }>(service, agent, usagePath);
  return answer.totals.invocations;
}

/** @throws when the day totals of each org or of all orgs together miss an event */
async function checkDayTotals(): Promise<void> {
  const { rows } = await pool.query<{ apart: number; together: number }>(
    `select sum(count) filter (where org_id <> $1)::bigint as apart, sum(count) filter (where org_id = $1)::bigint as together
     from (${rollupRowsSql([{ grain: day, condition: 'true' }], ['org_id', 'count'])}) as r`,
    [ALL_ORGS],
  );
  for (const held of [rows[0]?.apart, rows[0]?.together])
    if (held !== stored) throw new Error(`the day totals contain ${held} of ${stored} events`);
}

/** Milliseconds of the fold alone, and of the fold with a read of the day totals over HTTP. */
async function foldOnce(): Promise<{ fold: number; read: number }> {
  await send(service, agent, makeEvents(LATE_EVENTS));
  const began = performance.now();
  await rollUpAll();
  const fold = performance.now() - began;
  const seen = await readOrg();
  const read = performance.now() - began;
  if (seen !== storedOfOrg) throw new Error(`the usage of ${ORG} holds ${seen} of ${storedOfOrg} events`);
  await checkDayTotals();
  return { fold, read };
}

async function untilVisible(): Promise<number> {
  await send(service, agent, makeEvents(LATE_EVENTS));
  const began = performance.now();
  while ((await readOrg()) < storedOfOrg) await sleep(5);
  const visible = performance.now() - began;
  await checkDayTotals();
  return visible;
}

async function repeat<T>(name: string, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`${name}, round ${round} of ${ROUNDS}`);
    results.push(await work());
    // Random, so that the next request comes anywhere in the worker's pause.
    await sleep(Math.random() * SECOND);
  }
  return results;
}

try {
  await storeMillion();
  const folds = await repeat('the fold alone', foldOnce);

  const worker = new RollupWorker({
    pool,
    log: createLog({ level: 'warn' }),
    metrics: createMetrics(),
    interval: SECOND,
    onRolledUp: async () => {},
  });
  worker.start();
  const visible = await repeat('until visible', untilVisible);
  await worker.stop();

  progress(`rebuilding the days of ${stored.toLocaleString('en')} events`);
  const began = performance.now();
  await rebuild(pool, { from, to: new Date() });
  const rebuilt = performance.now() - began;
  await checkDayTotals();
  endProgress();

  const row = (times: readonly number[]) => ({
    median: `${median(times).toFixed(0)} ms`,
    most: `${Math.max(...times).toFixed(0)} ms`,
    'of rebuild': (median(times) / rebuilt).toFixed(4),
  });
  console.table({
    'fold of 5,000 late events': row(folds.map(({ fold }) => fold)),
    'fold and read': row(folds.map(({ read }) => read)),
    'until visible, worker running': row(visible),
    'rebuild of the same days': row([rebuilt]),
  });
} finally {
  agent.destroy();
  await pool.end();
  await service.stop();
}
