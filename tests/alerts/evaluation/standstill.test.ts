/** A rule that hangs or loses its session must neither stop other rules nor go unnoticed. */
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { AlertEngine } from '../../../src/alerts/evaluation/engine.ts';
import { evaluateDue } from '../../../src/alerts/evaluation/evaluate-due.ts';
import type { Evaluator } from '../../../src/alerts/evaluation/evaluator.ts';
import { startObservingLags } from '../../../src/app/observe-lags.ts';
import { createPool } from '../../../src/database/pool.ts';
import { routeByPreference } from '../../../src/notifications/routing/route-notice.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { alertsOn } from '../../support/alerting/alerts.ts';
import { holdStep } from '../../support/alerting/held-step.ts';
import { fireAlert, putMessage } from '../../support/alerting/outbox.ts';
import { useDatabase } from '../../support/database/database.ts';
import { holdTransaction } from '../../support/database/pools.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { silentLog, useIngestion } from '../../support/events/ingestion.ts';
import { openProxy } from '../../support/servers/tcp-proxy.ts';

const database = useDatabase();
let now = Math.floor(Date.now() / HOUR) * HOUR;
const clock = { now: () => now };
const ingestion = useIngestion(database, clock);
const { evaluator, evaluateAll, addConfig } = alertsOn(database, clock);
const patience = { timeout: 30 * SECOND, interval: 25 };

function later(ms: number) {
  now += ms;
}

beforeEach(async () => {
  await database.pool.query(
    `truncate analytics.alert_configs, analytics.alert_states, analytics.alert_history, analytics.alert_transitions,
       analytics.notification_outbox, analytics.in_app_notifications, analytics.in_app_reads`,
  );
  // Each test has an hour of its own.
  now = (Math.floor(now / HOUR) + 1) * HOUR + 30 * SECOND;
});

async function query<T extends object>(text: string): Promise<T[]> {
  return (await database.pool.query<T>(text)).rows;
}

function transitions() {
  return query(
    `select h.name, t.transition from analytics.alert_transitions t
     join analytics.alert_history h on h.id = t.alert_id order by t.id`,
  );
}

async function stateOf(name: string) {
  const { rows } = await database.pool.query<{
    failure: string | null;
    failures: number;
    evaluated: Date | null;
    due: Date;
  }>(
    `select failure, failures, last_evaluated_at as evaluated, next_evaluation_at as due
     from analytics.alert_configs where name = $1`,
    [name],
  );
  return rows[0];
}

async function storeErrors() {
  const occurredAt = new Date(now - 5 * SECOND).toISOString();
  await ingestion.store(...Array.from({ length: 9 }, () => makeUsage({ occurredAt, status: 'error' })));
  while ((await rollUp(database.pool)) > 0);
}

/** A pool with the limits of the service, through a proxy if given. */
function servicePool(connectionString = database.url) {
  const pool = createPool({
    connectionString,
    max: 4,
    applicationName: 'engine',
    statementTimeoutMs: 60 * SECOND,
    onError: () => {},
  });
  onTestFinished(() => pool.end());
  return pool;
}

/** Locks a table against readers until released. */
function lock(table: string): Promise<() => Promise<void>> {
  return holdTransaction(database.pool, `lock table ${table} in access exclusive mode`);
}

const HOURS = 'analytics.rollups_hour';
/** Its window is read from hours; no other rule here reads them. */
const overHours = { name: 'over hours', windowSeconds: (3 * HOUR) / SECOND, intervalSeconds: 5 };

test('a rule that cannot be read in time reports it and rests, and other rules are evaluated', {
  timeout: MINUTE,
}, async () => {
  await addConfig(overHours);
  later(SECOND);
  await addConfig({ name: 'other' });
  await storeErrors();
  const release = await lock(HOURS);
  expect(await evaluateAll({ ...evaluator(), pool: servicePool() })).toBe(2);
  expect(await transitions()).toEqual([{ name: 'other', transition: 'firing' }]);
  expect(await stateOf('other')).toMatchObject({ failure: null, evaluated: new Date(now) });
  const slow = await stateOf('over hours');
  expect(slow).toMatchObject({ failure: 'the values could not be read within 8 s', failures: 1 });
  expect(await query(`select health from analytics.alert_states where health <> 'ok'`)).toEqual([
    { health: 'error' },
  ]);
  // The rest is nine times as long as the evaluation took.
  expect(slow?.due.getTime()).toBeGreaterThan(now + 70 * SECOND);
  later(10 * SECOND);
  expect(await evaluateAll()).toBe(1);
  await release();
  later(5 * MINUTE);
  await evaluateAll();
  expect(await stateOf('over hours')).toMatchObject({ failure: null, failures: 0 });
});

test('new data does not wake a rule that rests after a failure', async () => {
  const { id } = await addConfig({ name: 'resting', onData: true, intervalSeconds: 3_600 });
  const due = new Date(now + 5 * MINUTE);
  const resting = (failures: number) =>
    database.pool.query(
      'update analytics.alert_configs set failures = $2, next_evaluation_at = $3 where id = $1',
      [id, failures, due],
    );
  const engine = new AlertEngine({ ...evaluator(), ingest: ingestion.ingest, ownOrg: 'tidemark' });
  await resting(1);
  await engine.dataArrived(['acme']);
  expect(await stateOf('resting')).toMatchObject({ due });
  await resting(0);
  await engine.dataArrived(['acme']);
  expect(await stateOf('resting')).toMatchObject({ due: new Date(now) });
});

test('a rule that loses its session each time is not claimed first forever', async () => {
  await addConfig({ name: 'deadly', severity: 'critical', intervalSeconds: 3_600 });
  later(SECOND);
  await addConfig({ name: 'other', severity: 'info' });
  await storeErrors();
  const cut: Evaluator = {
    ...evaluator(),
    route: async (client, notice) => {
      if (notice.severity === 'critical') {
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
        await database.pool.query('select pg_terminate_backend($1::int)', [rows[0]?.pid]);
      }
      return routeByPreference(client, notice);
    },
  };
  for (let failures = 1; failures <= 4; failures++) {
    expect(await evaluateDue(cut, 'rollups')).toBe(true);
    const deadly = await stateOf('deadly');
    expect(deadly).toMatchObject({ failures, failure: expect.stringContaining('evaluation failed') });
    expect(deadly?.due.getTime()).toBeGreaterThan(now);
    expect(await evaluateDue(cut, 'rollups')).toBe(failures === 1);
    now = deadly?.due.getTime() ?? now;
    await database.pool.query(
      `update analytics.alert_configs set next_evaluation_at = $1 where name = 'other'`,
      [new Date(now + HOUR)],
    );
  }
  expect(await transitions()).toEqual([{ name: 'other', transition: 'firing' }]);
  expect(await query('select name from analytics.alert_history')).toEqual([{ name: 'other' }]);
  expect(await evaluateDue(evaluator(), 'rollups')).toBe(true);
  expect((await transitions()).slice(1)).toEqual([{ name: 'deadly', transition: 'firing' }]);
  expect(await stateOf('deadly')).toMatchObject({ failures: 0, failure: null });
});

test('a committed evaluation stays, even if the session is lost before the answer', async () => {
  await addConfig({ name: 'told' });
  await storeErrors();
  const proxy = await openProxy(database.url, 5432);
  onTestFinished(() => proxy.close());
  const cut = { ...evaluator(), pool: servicePool(proxy.url) };
  const step = await holdStep(database, {
    table: 'analytics.alert_history',
    writes: 'insert',
    rows: 'true',
    at: 'commit',
  });
  const evaluation = evaluateDue(cut, 'rollups');
  await step.reached();
  proxy.cut();
  expect(await evaluation).toBe(true);
  await step.letThrough();
  expect(await stateOf('told')).toMatchObject({ failure: null, failures: 0, evaluated: new Date(now) });
  expect(await evaluateAll()).toBe(0);
  expect(await transitions()).toEqual([{ name: 'told', transition: 'firing' }]);
});

test('a rule whose evaluation loses the database reports it once the database is back', async () => {
  await addConfig({ name: 'lost', intervalSeconds: 3_600 });
  await storeErrors();
  const proxy = await openProxy(database.url, 5432);
  onTestFinished(() => proxy.close());
  const cut: Evaluator = {
    ...evaluator(),
    pool: servicePool(proxy.url),
    route: async (client, notice) => {
      proxy.refuse(true);
      proxy.cut();
      return routeByPreference(client, notice);
    },
  };
  await expect(evaluateDue(cut, 'rollups')).rejects.toThrow();
  expect(await stateOf('lost')).toMatchObject({ failures: 0 });
  proxy.refuse(false);
  expect(await evaluateDue(cut, 'rollups')).toBe(false);
  expect(await stateOf('lost')).toMatchObject({ failures: 1 });
  later(MINUTE);
  await evaluateAll();
  expect(await transitions()).toEqual([{ name: 'lost', transition: 'firing' }]);
});

test('while a rule hangs, rules on the service are evaluated, and readiness names the standstill', {
  timeout: MINUTE,
}, async () => {
  await addConfig(overHours);
  const release = await lock(HOURS);
  const engine = new AlertEngine({
    ...evaluator(),
    pool: servicePool(),
    ingest: ingestion.ingest,
    ownOrg: 'tidemark',
  });
  onTestFinished(() => engine.stop());
  engine.start();
  const waiting = () =>
    query(`select pid from pg_stat_activity where application_name = 'engine' and wait_event_type = 'Lock'`);
  await expect.poll(waiting, patience).toHaveLength(1);
  await expect(engine.check()).resolves.toBeUndefined();
  later(2 * MINUTE);
  await addConfig(
    { name: 'watch', metric: 'service.evaluation_lag_seconds', threshold: 60, windowSeconds: undefined },
    null,
  );
  await expect.poll(async () => (await stateOf('watch'))?.evaluated, patience).toEqual(new Date(now));
  expect(await transitions()).toEqual([{ name: 'watch', transition: 'firing' }]);
  await expect(engine.check()).rejects.toThrow(/rollups has stood still for 120 s/);
  await release();
  const check = () =>
    engine.check().then(
      () => 'well',
      (error: Error) => error.message,
    );
  await expect.poll(check, patience).toBe('well');
});

test('the evaluation lag grows while nobody evaluates, even while the database does not answer', async () => {
  const metrics = createMetrics();
  const ends: (() => Promise<void>)[] = [];
  onTestFinished(() => Promise.all(ends.map((end) => end())).then(() => undefined));
  await addConfig({ name: 'due', intervalSeconds: 60 });
  startObservingLags(
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

test('the age of the oldest notice is reported by a process that sends none', async () => {
  const metrics = createMetrics();
  const ends: (() => Promise<void>)[] = [];
  onTestFinished(() => Promise.all(ends.map((end) => end())).then(() => undefined));
  const alertId = await fireAlert(database.pool);
  await putMessage(database.pool, {
    alertId,
    channel: 'email',
    recipient: 'a@example.com',
    at: new Date(now),
  });
  later(3 * MINUTE);
  startObservingLags(
    { clock, log: silentLog, metrics, onStop: (end) => ends.push(end) },
    { readPool: servicePool() },
  );
  const oldest = async () =>
    (await metrics.registry.getSingleMetric('tidemark_outbox_oldest_seconds')?.get())?.values;
  await expect.poll(oldest, patience).toEqual([{ labels: { channel: 'email' }, value: 180 }]);
});
