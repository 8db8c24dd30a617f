// biome-ignore-all lint/style/noExcessiveLinesPerFile: its cases share one set-up
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { AlertEngine } from '../../src/alerts/evaluation/engine.ts';
import { evaluateDue } from '../../src/alerts/evaluation/evaluate-due.ts';
import type { Evaluator } from '../../src/alerts/evaluation/evaluator.ts';
import { withTransaction } from '../../src/database/pool.ts';
import { routeByPreference } from '../../src/notifications/routing/route-notice.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { DAY, MINUTE, SECOND } from '../../src/time.ts';
import { alertsOn } from '../support/alerting/alerts.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
/** A quarter of an hour that has just begun, and the clock within it. */
const START = Math.floor(Date.now() / (15 * MINUTE)) * 15 * MINUTE;
let now = START;
const clock = { now: () => now };
const ingestion = useIngestion(database, clock);
const { store } = ingestion;
const patience = { timeout: 30 * SECOND, interval: 25 };

const { evaluator, evaluateAll, addConfig } = alertsOn(database, clock);

function calls(status: 'success' | 'error', count: number, more: object = {}) {
  return Array.from({ length: count }, () =>
    makeUsage({ occurredAt: new Date(now - 5 * SECOND).toISOString(), status, ...more }),
  );
}

async function arrive(...events: object[]) {
  await store(...events);
  while ((await rollUp(database.pool)) > 0);
}

function later(ms: number) {
  now += ms;
}

async function query<T extends object>(text: string): Promise<T[]> {
  return (await database.pool.query<T>(text)).rows;
}

function transitions() {
  return query<{
    transition: string;
    reason: string;
    notice: string | null;
    name: string;
    group_key: string;
  }>(
    `select h.name, h.group_key, t.transition, t.reason, t.notice, t.suppressed_by
     from analytics.alert_transitions t join analytics.alert_history h on h.id = t.alert_id order by t.id`,
  );
}

beforeEach(async () => {
  await database.pool.query(
    `truncate analytics.alert_configs, analytics.alert_states, analytics.alert_history, analytics.alert_transitions,
       analytics.notification_outbox, analytics.in_app_notifications, analytics.in_app_reads`,
  );
  // A time of its own for each test.
  now = (Math.floor(now / (15 * MINUTE)) + 1) * 15 * MINUTE;
});

test('a rule fires on what was rolled up and resolves, with history, notices and evidence', async () => {
  const config = await addConfig({
    severity: 'critical',
    channels: [{ channel: 'email', to: 'a@example.com' }, { channel: 'in_app' }],
  });
  later(30 * SECOND);
  await arrive(...calls('error', 8), ...calls('success', 2));
  expect(await evaluateAll()).toBe(1);
  const [alert] = await query<Record<string, unknown>>('select * from analytics.alert_history');
  expect(alert).toMatchObject({
    config_id: config.id,
    org_id: 'acme',
    severity: 'critical',
    workflow: 'open',
    value: 0.8,
    threshold: 0.5,
    samples: 10,
    evidence: { reason: 'above_threshold', compared: 0.8 },
  });
  expect(
    await query('select channel, recipient, notice, status, payload from analytics.notification_outbox'),
  ).toEqual([
    {
      channel: 'email',
      recipient: 'a@example.com',
      notice: 'firing',
      status: 'waiting',
      payload: expect.objectContaining({
        kind: 'firing',
        alertId: alert?.id,
        value: 0.8,
        sampleCount: 10,
        unit: 'ratio',
      }),
    },
  ]);
  expect(await query('select recipient, notice from analytics.in_app_notifications')).toEqual([
    { recipient: '*', notice: 'firing' },
  ]);

  later(2 * MINUTE);
  await arrive(...calls('success', 10));
  later(MINUTE);
  expect(await evaluateAll()).toBe(1);
  expect(await transitions()).toMatchObject([
    { transition: 'firing', reason: 'fired', notice: 'firing' },
    { transition: 'resolved', reason: 'recovered', notice: 'resolved' },
  ]);
  expect(
    await query('select workflow, resolved_at is not null as over from analytics.alert_history'),
  ).toEqual([{ workflow: 'resolved', over: true }]);
  expect(await query('select condition, alert_id from analytics.alert_states')).toEqual([
    { condition: 'normal', alert_id: null },
  ]);
});

test('a rule that groups has an alert for each group', async () => {
  await addConfig({ groupBy: ['modelId'] });
  later(30 * SECOND);
  await arrive(...calls('error', 4, { modelId: 'bad' }), ...calls('success', 4, { modelId: 'good' }));
  await evaluateAll();
  expect(await transitions()).toMatchObject([{ transition: 'firing', group_key: '{"modelId":"bad"}' }]);
  expect(await query('select group_key, condition from analytics.alert_states order by 1')).toEqual([
    { group_key: '{"modelId":"bad"}', condition: 'firing' },
    { group_key: '{"modelId":"good"}', condition: 'normal' },
  ]);
});

test('a rule over all orgs sees them together, or each by itself', async () => {
  await addConfig({ name: 'together', metric: 'usage.count', threshold: 5 }, null);
  await addConfig({ name: 'each', metric: 'usage.count', threshold: 5, groupBy: ['org'] }, null);
  later(30 * SECOND);
  await arrive(...calls('success', 4, { orgId: 'one' }), ...calls('success', 6, { orgId: 'two' }));
  await evaluateAll();
  expect((await transitions()).sort((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
    { name: 'each', group_key: '{"org":"two"}' },
    { name: 'together', group_key: '{}' },
  ]);
  expect(await query(`select org_id from analytics.alert_history order by name`)).toEqual([
    { org_id: 'two' },
    { org_id: null },
  ]);
});

test('what happened just before the minute ended is seen just after', async () => {
  await addConfig({});
  later(61 * SECOND);
  await arrive(...calls('error', 9));
  await evaluateAll();
  expect(await transitions()).toMatchObject([{ transition: 'firing' }]);
});

test('another org does not count', async () => {
  await addConfig({ metric: 'usage.count', threshold: 1 }, 'lonely');
  later(30 * SECOND);
  await arrive(...calls('success', 9));
  await evaluateAll();
  expect(await transitions()).toEqual([]);
});

test('silence of a source is an alert where too few events are watched', async () => {
  await addConfig({ metric: 'usage.count', type: 'threshold_below', threshold: 3 }, 'quiet');
  later(90 * SECOND);
  await evaluateAll();
  expect(await transitions()).toMatchObject([{ transition: 'firing' }]);
});

test('a rule that cannot be evaluated says so, and stops no other', async () => {
  const bad = await addConfig({ name: 'bad' });
  await database.pool.query(
    `update analytics.alert_configs set rule = rule || '{"metric":"usage.gone"}' where id = $1`,
    [bad.id],
  );
  await addConfig({ name: 'good' });
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  expect(await evaluateAll()).toBe(2);
  expect(await transitions()).toMatchObject([{ name: 'good', transition: 'firing' }]);
  expect(
    await query('select name, failure, failures from analytics.alert_configs order by name'),
  ).toMatchObject([
    { name: 'bad', failure: expect.stringContaining('$.metric is not a known metric'), failures: 1 },
    { name: 'good', failure: null, failures: 0 },
  ]);
});

test('numbers that are far behind are a failure of the rule, not a recovery', async () => {
  await addConfig({ intervalSeconds: 60 });
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  await evaluateAll();
  await store(...calls('success', 9));
  later(20 * MINUTE);
  await evaluateAll();
  expect(await query('select condition, health from analytics.alert_states')).toEqual([
    { condition: 'firing', health: 'error' },
  ]);
  expect(await query('select failure from analytics.alert_configs')).toEqual([
    { failure: expect.stringMatching(/^the numbers are \d+ s behind$/) },
  ]);
  while ((await rollUp(database.pool)) > 0);
});

test('several evaluators evaluate each rule once', async () => {
  for (let index = 0; index < 20; index++) await addConfig({ name: `rule ${index}` });
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  const evaluated = await Promise.all([evaluateAll(), evaluateAll(), evaluateAll()]);
  expect(evaluated.reduce((sum, count) => sum + count, 0)).toBe(20);
  expect(await transitions()).toHaveLength(20);
  expect(await evaluateAll()).toBe(0);
});

test('what nobody evaluated is caught up, and told as it stands at the end', async () => {
  await addConfig({ name: 'still', forSeconds: 120 });
  await addConfig({ name: 'over', metric: 'usage.count', threshold: 20 });
  await evaluateAll();
  later(5 * MINUTE);
  await store(...calls('success', 25));
  later(5 * MINUTE);
  for (let minute = 0; minute < 5; minute++) {
    await store(...calls('error', 9));
    later(MINUTE);
  }
  while ((await rollUp(database.pool)) > 0);
  await evaluateAll();
  expect((await transitions()).filter(({ name }) => name === 'over')).toMatchObject([
    { transition: 'firing', notice: null, suppressed_by: 'catch_up' },
    { transition: 'resolved', notice: null, suppressed_by: 'untold' },
  ]);
  expect((await transitions()).filter(({ name }) => name === 'still')).toMatchObject([
    { transition: 'firing', notice: null, suppressed_by: 'catch_up' },
    { transition: 'told', notice: 'firing', reason: 'told_late' },
  ]);
});

test('data that arrives while a rule is evaluated makes it due once more', async () => {
  const { id } = await addConfig({ onData: true, intervalSeconds: 86_400 });
  const engine = new AlertEngine({ ...evaluator(), ingest: ingestion.ingest, ownOrg: 'tidemark' });
  const evaluatedAt = async () =>
    (await query<{ at: Date | null }>('select last_evaluated_at as at from analytics.alert_configs'))[0]?.at;
  engine.start();
  onTestFinished(() => engine.stop());
  await expect.poll(evaluatedAt, patience).toEqual(new Date(now));
  const began = now;
  later(MINUTE);
  await withTransaction(database.pool, async (client) => {
    await client.query('update analytics.alert_configs set next_evaluation_at = $2 where id = $1', [
      id,
      new Date(now),
    ]);
    await engine.dataArrived(['acme']);
    await client.query('update analytics.alert_configs set next_evaluation_at = $2 where id = $1', [
      id,
      new Date(now + DAY),
    ]);
  });
  expect(await evaluatedAt()).toEqual(new Date(began));
  await expect.poll(evaluatedAt, patience).toEqual(new Date(now));
});

test('that it is over goes to whom it was told, as bad as it was told, whatever the rule says by now', async () => {
  const rule = { severity: 'critical', channels: [{ channel: 'webhook', to: 'pager' }, { channel: 'sms' }] };
  const { id } = await addConfig(rule);
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  await evaluateAll();
  await database.pool.query(
    `update analytics.alert_configs set severity = 'info',
       rule = rule || '{"severity": "info", "channels": [{"channel": "email"}]}' where id = $1`,
    [id],
  );
  later(2 * MINUTE);
  await arrive(...calls('success', 9));
  later(MINUTE);
  await evaluateAll();
  expect(
    await query(
      `select channel, recipient, severity from analytics.notification_outbox where notice = 'resolved' order by 1`,
    ),
  ).toEqual([
    { channel: 'email', recipient: 'default', severity: 'critical' },
    { channel: 'sms', recipient: 'default', severity: 'critical' },
    { channel: 'webhook', recipient: 'pager', severity: 'critical' },
  ]);
});

test('an evaluation that does not commit has not happened, and is made soon after', async () => {
  await addConfig({ intervalSeconds: 3_600 });
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  const cut: Evaluator = {
    ...evaluator(),
    route: async (client, notice) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await database.pool.query('select pg_terminate_backend($1::int)', [rows[0]?.pid]);
      return routeByPreference(client, notice);
    },
  };
  expect(await evaluateDue(cut, 'rollups')).toBe(true);
  expect(await transitions()).toEqual([]);
  // It is tried again long before its interval has passed.
  later(MINUTE);
  expect(await evaluateAll()).toBe(1);
  expect(await transitions()).toMatchObject([{ transition: 'firing' }]);
});
