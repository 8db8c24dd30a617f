import { beforeAll, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { SECOND } from '../../../src/time.ts';
import { alertsOn } from '../../support/alerting/alerts.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const BASE = '/api/v1/analytics/alerts';
let now = Date.now();
const clock = { now: () => now };
const { store } = useIngestion(service.database, clock);
const { evaluateAll, addConfig } = alertsOn(service.database, clock);

const MODELS = ['a', 'b', 'c', 'd', 'e'];

beforeAll(async () => {
  // Start in the middle of a minute.
  now = Math.floor(now / 60_000) * 60_000 + 30 * SECOND;
  await store(
    ...MODELS.map((modelId) =>
      makeUsage({ modelId, status: 'error', occurredAt: new Date(now - 5 * SECOND).toISOString() }),
    ),
  );
  while ((await rollUp(service.database.pool)) > 0);
  await addConfig({ groupBy: ['modelId'], severity: 'critical', cooldownSeconds: 600 });
  await addConfig({ name: 'all', cooldownSeconds: 600 }, null);
  await evaluateAll();
});

async function alertOf(modelId: string) {
  const { json } = await service.call(`${BASE}/history?orgId=acme&limit=200`);
  return json.alerts.find(({ group }: { group: { modelId?: string } }) => group.modelId === modelId);
}

test('alerts are listed with the values they fired on, filtered, and paged without gaps or repetitions', async () => {
  const ids: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { json } = await service.call(
      `${BASE}/history?orgId=acme&severity=critical&limit=2${next && `&after=${next}`}`,
    );
    ids.push(...json.alerts.map(({ id }: { id: string }) => id));
    next = json.next;
  }
  expect(new Set(ids).size).toBe(MODELS.length);
  expect(ids).toHaveLength(MODELS.length);
  expect(await alertOf('a')).toMatchObject({
    orgId: 'acme',
    name: 'Errors',
    value: 1,
    threshold: 0.5,
    windowSeconds: 60,
    samples: 1,
    workflow: 'open',
    evidence: { reason: 'above_threshold' },
  });
  const none = `start=${new Date(now + 1).toISOString()}`;
  expect((await service.call(`${BASE}/history?orgId=acme&${none}`)).json.alerts).toEqual([]);
  expect((await service.call(`${BASE}/history`)).json.alerts).toHaveLength(MODELS.length + 1);
});

test('an acknowledged alert is not active until the acknowledgement is taken back', async () => {
  const { id } = await alertOf('a');
  const done = await service.call(`${BASE}/${id}/acknowledge`, { body: { note: 'on it' } });
  expect(done).toMatchObject({
    status: 200,
    json: { workflow: 'acknowledged', acknowledgedBy: 'test', note: 'on it' },
  });
  expect((await service.call(`${BASE}/${id}/acknowledge`, { method: 'POST' })).status).toBe(200);
  const active = async (query = '') =>
    (await service.call(`${BASE}/active?orgId=acme${query}`)).json.alerts.map(
      (alert: { id: string }) => alert.id,
    );
  expect(await active()).not.toContain(id);
  expect(await active('&acknowledged=true')).toContain(id);
  now += 700 * SECOND;
  const { rows: before } = await service.database.pool.query(
    'select count(*)::int as n from analytics.alert_transitions where alert_id = $1',
    [id],
  );
  await evaluateAll();
  const { rows: after } = await service.database.pool.query(
    'select count(*)::int as n from analytics.alert_transitions where alert_id = $1',
    [id],
  );
  expect(after).toEqual(before);
  expect((await service.call(`${BASE}/${id}/unacknowledge`, { method: 'POST' })).json).toMatchObject({
    workflow: 'open',
    acknowledgedBy: null,
  });
  expect(await active()).toContain(id);
  const { rows } = await service.database.pool.query(
    `select action from analytics.audit_log where subject = $1 order by id`,
    [id],
  );
  expect(rows.map(({ action }) => action)).toEqual(['alert.acknowledge', 'alert.unacknowledge']);
});

test('an alert that a person resolves ends, and everyone who was told of it is told', async () => {
  const { id } = await alertOf('b');
  expect((await service.call(`${BASE}/${id}/resolve`, { body: { note: 'fixed' } })).json).toMatchObject({
    workflow: 'resolved',
    resolvedBy: 'test',
  });
  expect(await service.call(`${BASE}/${id}/acknowledge`, { method: 'POST' })).toMatchObject({
    status: 409,
    json: { code: 'conflict' },
  });
  const { json } = await service.call(`${BASE}/${id}`);
  expect(json.transitions.at(-1)).toMatchObject({
    transition: 'resolved',
    reason: 'by_person',
    notice: 'resolved',
    actorId: 'test',
    note: 'fixed',
  });
  expect(json.told.map(({ kind }: { kind: string }) => kind)).toEqual(
    expect.arrayContaining(['firing', 'resolved']),
  );
});

test('several alerts are acknowledged at once, and failures are named one by one', async () => {
  const [c, d, b] = await Promise.all([alertOf('c'), alertOf('d'), alertOf('b')]);
  const unknown = '00000000-0000-4000-8000-000000000000';
  const body = { ids: [c.id, d.id, b.id, unknown], note: 'all mine' };
  expect((await service.call(`${BASE}/bulk-acknowledge`, { body })).json).toMatchObject({
    acknowledged: [c.id, d.id],
    failed: [
      { id: b.id, code: 'conflict' },
      { id: unknown, code: 'not_found' },
    ],
  });
});

test('an explanation says why an alert fired and why somebody was not told', async () => {
  const { id } = await alertOf('e');
  const { json } = await service.call(`${BASE}/${id}/explain?recipient=nobody@example.com`);
  expect(json.timeline[0]).toMatchObject({
    transition: 'firing',
    because: 'The value has been wrong for as long as the rule requires.',
    notice: 'a notice was due: firing',
  });
  const { told, because } = json.person;
  expect(told).toBe(false);
  expect(because[0]).toBe('in_app to everybody who may read these alerts: firing');
  expect(because.at(-1)).toContain('is none of them');
});

test('people do not see alerts of other orgs or alerts over all orgs', async () => {
  const token = await tokenOf(['engineer'], ['acme'], 'eve');
  const strangers = await tokenOf(['engineer'], ['other']);
  const { id } = await alertOf('e');
  expect((await service.call(`${BASE}/${id}`, { token })).status).toBe(200);
  expect((await service.call(`${BASE}/history`, { token })).json.alerts).toHaveLength(MODELS.length);
  for (const path of [`${BASE}/${id}`, `${BASE}/${id}/explain`]) {
    expect((await service.call(path, { token: strangers })).status).toBe(404);
  }
  expect((await service.call(`${BASE}/${id}/resolve`, { method: 'POST', token: strangers })).status).toBe(
    404,
  );
  expect((await service.call(`${BASE}/active`, { token: strangers })).json.alerts).toEqual([]);
  const all = (await service.call(`${BASE}/history`)).json.alerts.find(
    ({ orgId }: { orgId: null }) => orgId === null,
  );
  expect((await service.call(`${BASE}/${all.id}`, { token })).status).toBe(404);
});

test('disabling or removing a rule ends its alerts, and everyone who was told is told', async () => {
  const { id, configId } = await alertOf('e');
  const { json: config } = await service.call(`${BASE}/configs/${configId}`);
  const changed = await service.call(`${BASE}/configs/${configId}`, {
    method: 'PUT',
    body: {
      name: config.name,
      metric: config.metric,
      type: config.type,
      threshold: config.threshold,
      groupBy: config.groupBy,
      enabled: false,
    },
  });
  expect(changed).toMatchObject({ status: 200, json: { enabled: false, openAlerts: 0 } });
  const { json } = await service.call(`${BASE}/${id}`);
  expect(json).toMatchObject({ workflow: 'resolved', resolvedBy: 'test' });
  expect(json.transitions.at(-1)).toMatchObject({ reason: 'rule_disabled', notice: 'resolved' });

  const all = (await service.call(`${BASE}/active`)).json.alerts.find(
    ({ orgId }: { orgId: null }) => orgId === null,
  );
  await service.call(`${BASE}/configs/${all.configId}`, { method: 'DELETE' });
  expect((await service.call(`${BASE}/${all.id}/explain`)).json.timeline.at(-1)).toMatchObject({
    transition: 'resolved',
    because: 'The rule was deleted.',
  });
});

test('a page follows the one before even if the last alert of that is no longer kept', async () => {
  const page = (query: string) => service.call(`${BASE}/history?orgId=acme&limit=2${query}`);
  const { json: first } = await page('');
  const [, last] = first.alerts;
  const { json: before } = await page(`&after=${first.next}`);
  await service.database.pool.query('delete from analytics.alert_history where id = $1', [last.id]);
  expect((await page(`&after=${first.next}`)).json).toEqual(before);
  for (const after of ['00000000-0000-4000-8000-000000000000', Buffer.from('["x"]').toString('base64url')]) {
    expect(await page(`&after=${after}`)).toMatchObject({
      status: 400,
      json: { errors: [{ path: 'after' }] },
    });
  }
});
