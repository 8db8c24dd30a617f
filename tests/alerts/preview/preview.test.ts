import { expect, test } from 'vitest';
import { previewRule } from '../../../src/alerts/preview/preview.ts';
import { readRule } from '../../../src/alerts/rules/read-rule.ts';
import { savePreference } from '../../../src/notifications/routing/preferences.ts';
import { routeByPreference } from '../../../src/notifications/routing/route-notice.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { elsewhere } from '../../support/alerting/notices.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';
import { useService } from '../../support/service/service.ts';

const database = useDatabase();
const { store } = useIngestion(database);
const service = useService();
const NOW = Math.floor(Date.now() / (15 * MINUTE)) * 15 * MINUTE;

function calls(ago: number, status: 'success' | 'error', count: number, modelId = 'm') {
  return Array.from({ length: count }, () =>
    makeUsage({ occurredAt: new Date(NOW - ago + MINUTE / 2).toISOString(), status, modelId }),
  );
}

function ruleOf(changes: object) {
  const rule = readRule(
    {
      name: 'r',
      metric: 'usage.error_rate',
      type: 'threshold_above',
      threshold: 0.5,
      windowSeconds: 900,
      cooldownSeconds: 0,
      ...changes,
    },
    { allOrgs: false },
  );
  if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
  return rule;
}

const defaults = { email: ['all@example.com'], sms: [], slack: ['analytics'] };

function sources() {
  return { pool: database.pool, prometheus: undefined, route: routeByPreference, defaults };
}

function preview(changes: object) {
  return previewRule(sources(), { rule: ruleOf(changes), orgId: 'acme', now: NOW });
}

test('a rule is replayed over thirty days, at coarse and fine steps, by the same decision as live', async () => {
  await store(
    ...calls(10 * DAY, 'error', 8, 'bad'),
    ...calls(10 * DAY - HOUR, 'success', 8, 'bad'),
    ...calls(3 * HOUR, 'error', 8, 'bad'),
    ...calls(2 * HOUR, 'success', 8, 'bad'),
    ...calls(3 * HOUR, 'success', 8, 'good'),
  );
  while ((await rollUp(database.pool)) > 0);

  const found = await preview({ groupBy: ['modelId'] });
  expect(found).toMatchObject({
    groups: 2,
    groupsLeftOut: 0,
    stepSeconds: 60,
    dataFrom: new Date(NOW - 10 * DAY).toISOString(),
    notices: { firing: 2, resolved: 2 },
  });
  expect(found.alerts).toMatchObject([
    {
      group: { modelId: 'bad' },
      triggeredAt: new Date(NOW - 10 * DAY + 15 * MINUTE).toISOString(),
      value: 1,
      samples: 8,
      notices: [{ kind: 'firing' }, { kind: 'resolved' }],
    },
    { group: { modelId: 'bad' }, triggeredAt: new Date(NOW - 3 * HOUR + MINUTE).toISOString() },
  ]);
  const together = await preview({ threshold: 0.9, windowSeconds: 60 });
  expect(together.alerts).toHaveLength(1);
  expect((await preview({ metric: 'usage.count', threshold: 7, windowSeconds: 60 })).alerts).toHaveLength(2);
});

test('an anomaly is judged by the values before it in the replay', async () => {
  const hours = Array.from({ length: 6 * 24 }, (_, hour) => hour);
  await store(
    ...hours.flatMap((hour) => calls(20 * DAY - hour * HOUR, 'success', 2 + (hour % 2), 'steady')),
    ...calls(20 * DAY - 140 * HOUR, 'success', 60, 'steady'),
  );
  while ((await rollUp(database.pool)) > 0);
  const { alerts, reasons } = await preview({
    metric: 'usage.count',
    type: 'anomaly',
    threshold: 8,
    direction: 'up',
    windowSeconds: 3_600,
    filters: { modelId: 'steady' },
  });
  expect(alerts).toHaveLength(1);
  expect(alerts[0]).toMatchObject({ value: expect.any(Number), reason: 'unusual' });
  expect(reasons).toHaveProperty('warming_up');
});

test('freshness is replayed from the times when batches were stored and rolled up', async () => {
  const began = NOW - 3 * DAY;
  const batches = [
    { orgId: 'behind', stored: NOW - 9 * DAY, waited: SECOND },
    { orgId: 'behind', stored: began, waited: 20 * MINUTE },
    { orgId: 'behind', stored: began + 5 * MINUTE, waited: SECOND },
    { orgId: 'other', stored: NOW - 4 * DAY, waited: HOUR },
  ];
  for (const { orgId, stored, waited } of batches) {
    const [event] = calls(HOUR, 'success', 1);
    await store({ ...event, orgId });
    await database.pool.query(
      `update analytics.ingestion_batches set completed_at = $1, rolled_up_at = $2
       where batch_id = (select max(batch_id) from analytics.ingestion_batches)`,
      [new Date(stored), new Date(stored + waited)],
    );
  }
  const rule = ruleOf({
    metric: 'freshness.lag_seconds',
    threshold: 300,
    forSeconds: 60,
    intervalSeconds: 30,
  });
  const replayed = (orgId: string | null) => previewRule(sources(), { rule, orgId, now: NOW });
  const iso = (millis: number) => new Date(millis).toISOString();
  const found = await replayed('behind');
  expect(found).toMatchObject({ dataFrom: iso(NOW - 9 * DAY), start: iso(NOW - 9 * DAY), stepSeconds: 30 });
  expect(found.evaluations).toBe((9 * DAY) / (30 * SECOND) + 1);
  expect(found.alerts).toMatchObject([
    {
      pendingAt: iso(began + 330 * SECOND),
      triggeredAt: iso(began + 390 * SECOND),
      resolvedAt: iso(began + 20 * MINUTE + 60 * SECOND),
      value: 390,
    },
  ]);
  expect((await replayed(null)).alerts).toHaveLength(2);
  expect(await replayed('of-nobody')).toMatchObject({ dataFrom: null, evaluations: 0, alerts: [] });
});

test('the preview names the recipients, as notices are routed now', async () => {
  const recipientsOf = async (changes: object) =>
    (await preview(changes)).recipients.map(({ channel, recipient }) => `${channel} ${recipient}`).sort();
  const everybody = 'in_app *';
  expect(await recipientsOf({})).toEqual(['email all@example.com', everybody, 'slack analytics']);
  await savePreference(
    database.pool,
    {
      kind: 'user',
      id: 'ada',
      orgId: 'acme',
      email: 'ada@acme.example',
      phone: '+4915112345678',
      slack: null,
      webhook: null,
      ...elsewhere,
      channels: { info: [], warning: ['email'], critical: ['email', 'sms'] },
      quietHours: null,
    },
    'test',
    new Date(NOW),
  );
  expect(await recipientsOf({})).toEqual(['email ada@acme.example', everybody]);
  expect(await recipientsOf({ severity: 'critical' })).toEqual([
    'email ada@acme.example',
    everybody,
    'sms +4915112345678',
  ]);
  expect(await recipientsOf({ channels: [{ channel: 'slack', to: 'ops' }, { channel: 'email' }] })).toEqual(
    expect.arrayContaining(['email ada@acme.example', 'slack ops']),
  );
});

test('the preview works over HTTP, and is refused for metrics without history', async () => {
  const path = '/api/v1/analytics/alerts/configs/preview';
  expect(await service.call(path, { body: ruleOf({}) })).toMatchObject({
    status: 200,
    json: { alerts: [], groups: 1, recipients: [{ channel: 'in_app', recipient: '*' }] },
  });
  const body = { name: 'x', metric: 'service.outbox_oldest_seconds', type: 'threshold_above', threshold: 1 };
  expect(await service.call(path, { body })).toMatchObject({
    status: 400,
    json: { errors: [{ path: '$.metric', message: expect.stringContaining('no history of it is kept') }] },
  });
  expect(
    await service.call(path, { body: { ...body, metric: 'prometheus', expression: 'up' } }),
  ).toMatchObject({
    status: 503,
    json: { code: 'unavailable', detail: 'There is no Prometheus to ask: PROMETHEUS_URL is not set.' },
  });
});
