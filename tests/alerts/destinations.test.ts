import { describe, expect, test } from 'vitest';
import { useService } from '../support/service/service.ts';

const service = useService({
  SLACK_ANALYTICS_WEBHOOK: 'https://hooks.slack.example/services/analytics',
  SLACK_WEBHOOKS: 'ops=https://hooks.slack.example/services/ops',
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

const message = 'names no Slack webhook; there are: analytics, ops';

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

describe('a preference may name only an existing destination', () => {
  const notifications = '/api/v1/analytics/notifications';
  const prefer = (given: object) =>
    service.call(`${notifications}/preferences/teams/night`, { method: 'PUT', body: given });

  test('of Slack', async () => {
    const refused = { status: 400, json: { errors: [{ path: '$.slack', message }] } };
    expect(await prefer({ orgs: ['acme'], slack: 'opps' })).toMatchObject(refused);
    expect((await prefer({ orgs: ['acme'], slack: 'ops' })).status).toBe(200);
  });

  test('of webhooks, in each of its orgs', async () => {
    const body = { name: 'pager', url: 'https://hooks.example.com/pager' };
    for (const org of ['acme', 'initech']) {
      expect((await service.call(`${notifications}/webhooks?orgId=${org}`, { body })).status).toBe(201);
    }
    const missing = 'names no webhook of globex; POST /api/v1/analytics/notifications/webhooks makes one';
    expect(await prefer({ orgs: ['acme', 'globex'], webhook: 'pager' })).toMatchObject({
      status: 400,
      json: { errors: [{ path: '$.webhook', message: missing }] },
    });
    expect((await prefer({ orgs: ['acme', 'initech'], webhook: 'pager' })).status).toBe(200);
  });
});
