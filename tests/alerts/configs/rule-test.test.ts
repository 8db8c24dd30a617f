import { expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService({ QUOTA_TRIALS_PER_DAY: '5' });
const CONFIGS = '/api/v1/analytics/alerts/configs';

async function addRule(fields: object) {
  const { json } = await service.call(CONFIGS, {
    body: {
      orgId: 'acme',
      name: 'Errors of a model',
      metric: 'usage.error_rate',
      groupBy: ['modelId'],
      type: 'threshold_above',
      threshold: 0.05,
      severity: 'critical',
      channels: [
        { channel: 'email', to: 'ops@example.com' },
        { channel: 'email', to: 'lead@example.com' },
      ],
      ...fields,
    },
  });
  return json.id as string;
}

function outbox() {
  return service.database.pool
    .query(
      'select notice, alert_id, recipient, severity, payload from analytics.notification_outbox order by id',
    )
    .then(({ rows }) => rows);
}

test('a test of a rule goes to its destinations, marked as a test, and is audited; a day has only so many', async () => {
  const id = await addRule({ silencedUntil: new Date(Date.now() + 3_600_000).toISOString() });
  const sent = await service.call(`${CONFIGS}/${id}/test`, { method: 'POST' });
  expect(sent).toMatchObject({
    status: 202,
    json: {
      group: { modelId: 'example' },
      value: 0.06,
      recipients: [
        { channel: 'in_app', recipient: '*' },
        { channel: 'email', recipient: 'ops@example.com' },
        { channel: 'email', recipient: 'lead@example.com' },
      ],
    },
  });
  expect(await outbox()).toMatchObject(
    ['ops@example.com', 'lead@example.com'].map((recipient) => ({
      notice: 'test',
      alert_id: null,
      recipient,
      severity: 'critical',
      payload: { kind: 'test', name: 'Errors of a model', configId: id, reason: 'above_threshold' },
    })),
  );
  const { rows } = await service.database.pool.query(
    'select count(*)::int as n from analytics.alert_history union all select count(*)::int from analytics.alert_transitions',
  );
  expect(rows).toEqual([{ n: 0 }, { n: 0 }]);
  const audited = await service.call('/api/v1/analytics/audit?action=alert_config.test');
  expect(audited.json.entries).toMatchObject([{ subject: id, orgId: 'acme' }]);

  const more = await service.call(`${CONFIGS}/${id}/test`, { method: 'POST' });
  expect(more).toMatchObject({ status: 429, json: { code: 'quota_exceeded' } });
  // A test that is refused sends nothing to anybody.
  expect(await outbox()).toHaveLength(2);
});

test('nobody tests a rule of another org', async () => {
  const id = await addRule({ name: 'of acme' });
  const token = await tokenOf(['org_admin'], ['globex']);
  expect((await service.call(`${CONFIGS}/${id}/test`, { method: 'POST', token })).status).toBe(404);
});

test.each([
  ['threshold_below', 'usage.success_rate', 0.9, 'below_threshold'],
  ['rate_of_change', 'usage.count', -50, 'changed_too_much'],
  ['anomaly', 'usage.latency_p95', 3.5, 'unusual'],
  ['threshold_above', 'usage.error_rate', 0, 'above_threshold'],
  ['threshold_above', 'usage.error_rate', 0.2, 'above_threshold'],
] as const)('the made-up value of %s over %s breaks the rule', async (type, metric, threshold, reason) => {
  const id = await addRule({
    orgId: null,
    name: `${type} ${threshold}`,
    type,
    metric,
    threshold,
    groupBy: [],
  });
  const { status, json } = await service.call(`${CONFIGS}/${id}/test`, { method: 'POST' });
  expect(status).toBe(202);
  const { payload } = (await outbox()).at(-1);
  expect(payload).toMatchObject({ kind: 'test', reason, value: json.value });
  const { value, baseline } = payload;
  // The noise of the calculation, as in 0.24000000000000002, is not told.
  expect(String(json.value).length).toBeLessThan(8);
  const wrong = {
    threshold_above: value > threshold && value <= 1,
    threshold_below: value < threshold && value >= 0,
    rate_of_change: (100 * (value - baseline)) / baseline < threshold,
    anomaly: value > baseline,
  };
  expect(wrong[type]).toBe(true);
});
