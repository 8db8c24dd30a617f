import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../../src/time.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { database, ingestion, evaluateAll, addConfig, ...usage } = useUsageAlerts();
const { calls, rollUpAll, arrive, later, query, transitions } = usage;

test('a rule fires on rolled-up events and resolves, with history, notices and evidence', async () => {
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

test('a rule with groupBy has an alert for each group', async () => {
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

test('a rule over all orgs sees them together, or one by one with groupBy', async () => {
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

test('events of the last seconds of a minute count just after it', async () => {
  await addConfig({});
  later(61 * SECOND);
  await arrive(...calls('error', 9));
  await evaluateAll();
  expect(await transitions()).toMatchObject([{ transition: 'firing' }]);
});

test('events of other orgs do not count', async () => {
  await addConfig({ metric: 'usage.count', threshold: 1 }, 'lonely');
  later(30 * SECOND);
  await arrive(...calls('success', 9));
  await evaluateAll();
  expect(await transitions()).toEqual([]);
});

test('a source that falls silent fires a rule on too few events', async () => {
  await addConfig({ metric: 'usage.count', type: 'threshold_below', threshold: 3 }, 'quiet');
  later(90 * SECOND);
  await evaluateAll();
  expect(await transitions()).toMatchObject([{ transition: 'firing' }]);
});

test('a rule that cannot be evaluated reports its failure, and other rules go on', async () => {
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

test('rollups that are far behind are a failure of the rule, and do not resolve its alert', async () => {
  await addConfig({ intervalSeconds: 60 });
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  await evaluateAll();
  await ingestion.store(...calls('success', 9));
  later(20 * MINUTE);
  await evaluateAll();
  expect(await query('select condition, health from analytics.alert_states')).toEqual([
    { condition: 'firing', health: 'error' },
  ]);
  expect(await query('select failure from analytics.alert_configs')).toEqual([
    { failure: expect.stringMatching(/^the numbers are \d+ s behind$/) },
  ]);
  await rollUpAll();
});

test('after a change of the rule, the end goes to everyone who was told, at the severity of then', async () => {
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

test('a rule of an earlier version whose threshold no value reaches is still evaluated', async () => {
  const config = await addConfig({ name: 'Old' });
  await query(
    `update analytics.alert_configs set rule = rule || '{"threshold": 1, "recoveryThreshold": -1}' where id = '${config.id}'`,
  );
  await arrive(...calls('success', 10));
  await evaluateAll();
  const rows = await query(
    `select failure, last_evaluated_at from analytics.alert_configs where id = '${config.id}'`,
  );
  expect(rows).toEqual([{ failure: null, last_evaluated_at: expect.any(Date) }]);
});
