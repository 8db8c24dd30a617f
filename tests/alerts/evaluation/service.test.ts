import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SECOND } from '../../../src/time.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

/** Answers as Prometheus does; `undefined` makes it hang. */
let series: { metric: object; value: [number, string] }[] | undefined = [];
const prometheus = createServer((_request, response) => {
  if (series)
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result: series } }));
});
const env: Record<string, string> = { ROLES: 'api,ingest,worker', SELF_REPORT_ORG: 'platform' };
beforeAll(async () => {
  prometheus.listen(0, '127.0.0.1');
  await once(prometheus, 'listening');
  env.PROMETHEUS_URL = `http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`;
});
const service = useService(env);
afterAll(() => {
  prometheus.closeAllConnections();
  prometheus.close();
});

const ALERTS = '/api/v1/analytics/alerts';
const patiently = { timeout: 30 * SECOND, interval: 100 };

async function addRule(changes: object) {
  const body = { type: 'threshold_above', windowSeconds: 300, intervalSeconds: 86_400, ...changes };
  const { status, json } = await service.call(`${ALERTS}/configs`, { body });
  expect(status, JSON.stringify(json)).toBe(201);
  return json.id as string;
}

async function alertsOf(configId: string) {
  return (await service.call(`${ALERTS}/history?configId=${configId}`)).json.alerts;
}

function evaluated(id: string) {
  return vi.waitFor(async () => {
    const { json } = await service.call(`${ALERTS}/configs/${id}`);
    expect(json.lastEvaluatedAt).not.toBeNull();
    return json;
  }, patiently);
}

test('a rule with onData fires long before its interval, and its alert becomes an event', async () => {
  const id = await addRule({
    orgId: 'acme',
    name: 'errors',
    metric: 'usage.errors',
    threshold: 2,
    onData: true,
  });
  await evaluated(id);
  const events = Array.from({ length: 3 }, () =>
    makeUsage({ status: 'error', occurredAt: new Date().toISOString() }),
  );
  await service.call('/analytics/v1/events', { body: events });
  const [alert] = await vi.waitFor(async () => {
    const found = await alertsOf(id);
    expect(found).toHaveLength(1);
    return found;
  }, patiently);
  expect(alert).toMatchObject({ value: 3, samples: 3, workflow: 'open' });
  await vi.waitFor(async () => {
    const { rows } = await service.database.pool.query(
      `select org_id, severity, status, attributes ->> 'alertId' as alert from analytics.events where type = 'alert'`,
    );
    expect(rows).toEqual([{ org_id: 'acme', severity: 'warning', status: 'firing', alert: alert.id }]);
  }, patiently);
});

test('clients cannot send events of type alert', async () => {
  const event = { type: 'alert', eventId: 'x', orgId: 'acme', occurredAt: new Date().toISOString() };
  const { json } = await service.call('/analytics/v1/events', { body: event });
  expect(JSON.stringify(json)).toContain('must be one of usage');
});

test('each series of a PromQL expression has an alert, which stays open if the series is gone', async () => {
  const now = Date.now() / 1_000;
  series = [
    { metric: { job: 'a' }, value: [now, '5'] },
    { metric: { job: 'b' }, value: [now, '1'] },
    { metric: { job: 'c' }, value: [now, 'NaN'] },
  ];
  const id = await addRule({
    name: 'promql',
    metric: 'prometheus',
    expression: 'x',
    threshold: 3,
    intervalSeconds: 5,
  });
  await vi.waitFor(async () => {
    expect(await alertsOf(id)).toMatchObject([{ group: { job: 'a' }, value: 5, workflow: 'open' }]);
  }, patiently);
  series = [];
  await vi.waitFor(async () => {
    const { rows } = await service.database.pool.query(
      `select group_key, condition, health from analytics.alert_states where config_id = $1 order by 1`,
      [id],
    );
    expect(rows[0]).toEqual({ group_key: '{"job":"a"}', condition: 'firing', health: 'no_data' });
  }, patiently);
  // The rule is over all orgs, so its events belong to the org in which the service reports on itself.
  await vi.waitFor(async () => {
    const { rows } = await service.database.pool.query(
      `select org_id, status from analytics.events where type = 'alert' and org_id <> 'acme'`,
    );
    expect(rows).toEqual([{ org_id: 'platform', status: 'firing' }]);
  }, patiently);
});

test('a Prometheus that hangs fails its own rules, and does not delay others', async () => {
  series = undefined;
  const hanging = await addRule({ name: 'hangs', metric: 'prometheus', expression: 'y', threshold: 3 });
  const other = await addRule({ orgId: 'acme', name: 'goes on', metric: 'usage.count', threshold: 1e9 });
  expect(await evaluated(other)).toMatchObject({ failure: null });
  const { failure } = await evaluated(hanging);
  expect(failure).toBe('Prometheus: did not answer in time');
  series = [];
});
