/** One rule that hangs, or takes its session with it, must neither stop the others nor go unnoticed. */
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { startObservingEvaluation } from '../src/app/observe-evaluation.ts';
import { createPool } from '../src/database/pool.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { HOUR, MINUTE, SECOND } from '../src/time.ts';
import { alertsOn } from './support/alerts.ts';
import { useDatabase } from './support/database.ts';
import { silentLog } from './support/ingestion.ts';

const database = useDatabase();
let now = Math.floor(Date.now() / HOUR) * HOUR;
const clock = { now: () => now };
const { evaluateAll, addConfig } = alertsOn(database, clock);
const patience = { timeout: 30 * SECOND, interval: 25 };
const later = (ms: number) => {
  now += ms;
};

beforeEach(async () => {
  await database.pool.query(
    `truncate analytics.alert_configs, analytics.alert_states, analytics.alert_history, analytics.alert_transitions,
       analytics.notification_outbox, analytics.in_app_notifications, analytics.in_app_reads`,
  );
  // A time of its own for each test.
  now = (Math.floor(now / HOUR) + 1) * HOUR + 30 * SECOND;
});

/** A pool with the limits of the service. */
const servicePool = () => {
  const pool = createPool({
    connectionString: database.url,
    max: 4,
    applicationName: 'engine',
    statementTimeoutMs: 60 * SECOND,
    onError: () => {},
  });
  onTestFinished(() => pool.end());
  return pool;
};

/** Lets no one read a table until released. */
const lock = async (table: string): Promise<() => Promise<void>> => {
  const client = await database.pool.connect();
  await client.query(`begin; lock table ${table} in access exclusive mode`);
  let held = true;
  const release = async () => {
    if (!held) return;
    held = false;
    await client.query('rollback');
    client.release();
  };
  onTestFinished(release);
  return release;
};
test('how long rules have been due grows while nobody evaluates, also while the database does not say so', async () => {
  const metrics = createMetrics();
  const ends: (() => Promise<void>)[] = [];
  onTestFinished(() => Promise.all(ends.map((end) => end())).then(() => undefined));
  await addConfig({ name: 'due', intervalSeconds: 60 });
  startObservingEvaluation(
    { clock, log: silentLog, metrics, onStop: (end) => ends.push(end) },
    { readPool: servicePool() },
  );
  const lag = async () => {
    const gauge = await metrics.registry.getSingleMetric('tidemark_alert_evaluation_lag_seconds')?.get();
    return gauge?.values[0]?.value;
  };
  later(3 * SECOND);
  await expect.poll(lag, patience).toBe(3);
  const release = await lock('analytics.alert_configs');
  later(10 * MINUTE);
  expect(await lag()).toBe(603);
  await release();
  await evaluateAll();
  await expect.poll(lag, patience).toBe(0);
});
