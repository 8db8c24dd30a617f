import { describe, expect, test } from 'vitest';
import { useService } from '../../support/service/service.ts';

const service = useService({
  SLACK_ANALYTICS_WEBHOOK: 'https://hooks.slack.example/services/analytics',
  SLACK_WEBHOOKS:
    'ops=https://hooks.slack.example/services/ops,globex/alerts=https://hooks.slack.example/services/globex',
});
const CONFIGS = '/api/v1/analytics/alerts/configs';

function rule(to: string) {
  return {
    orgId: 'acme',
    name: `Errors told to ${to}`,
    metric: 'usage.error_rate',
    type: 'threshold_above',
    threshold: 0.05,
    channels: [{ channel: 'email' }, { channel: 'slack', to }],
  };
}

const message = 'is no Slack webhook; use one of: analytics, ops';

test('a rule may name only an existing Slack webhook, however the rule is created', async () => {
  const refused = { status: 400, json: { errors: [{ path: '$.channels.1.to', message }] } };
  expect(await service.call(CONFIGS, { body: rule('opps') })).toMatchObject(refused);
  const { status, json: made } = await service.call(CONFIGS, { body: rule('ops') });
  expect(status).toBe(201);
  const { orgId: _, ...changed } = rule('opps');
  const change = { method: 'PUT', body: changed };
  expect(await service.call(`${CONFIGS}/${made.id}`, change)).toMatchObject(refused);
  const body = JSON.stringify({ alerts: [rule('analytics'), rule('opps')] });
  expect(
    await service.call(`${CONFIGS}/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body,
    }),
  ).toMatchObject({ status: 400, json: { errors: [{ path: '$.alerts[1].channels.1.to', message }] } });
});

test('a rule may name the Slack webhook of its own org, and not that of another', async () => {
  expect((await service.call(CONFIGS, { body: { ...rule('alerts'), orgId: 'globex' } })).status).toBe(201);
  expect(await service.call(CONFIGS, { body: rule('alerts') })).toMatchObject({
    status: 400,
    json: { errors: [{ path: '$.channels.1.to', message }] },
  });
});

describe('a preference may name only an existing destination', () => {
  const notifications = '/api/v1/analytics/notifications';
  const prefer = (orgId: string, given: object) =>
    service.call(`${notifications}/preferences/teams/night?orgId=${orgId}`, { method: 'PUT', body: given });

  test('of Slack', async () => {
    const refused = { status: 400, json: { errors: [{ path: '$.slack', message }] } };
    expect(await prefer('acme', { slack: 'opps' })).toMatchObject(refused);
    expect((await prefer('acme', { slack: 'ops' })).status).toBe(200);
  });

  test('of webhooks of its org', async () => {
    const body = { name: 'pager', url: 'https://hooks.example.com/pager' };
    expect((await service.call(`${notifications}/webhooks?orgId=acme`, { body })).status).toBe(201);
    const missing =
      'is no destination of the org with the kind webhook; create it with POST /api/v1/analytics/notifications/webhooks';
    expect(await prefer('globex', { webhook: 'pager' })).toMatchObject({
      status: 400,
      json: { errors: [{ path: '$.webhook', message: missing }] },
    });
    expect((await prefer('acme', { webhook: 'pager' })).status).toBe(200);
  });
});
