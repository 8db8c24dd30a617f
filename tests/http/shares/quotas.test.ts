import { describe, expect, test } from 'vitest';
import { ownName } from '../../support/alerting/outbox.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService({
  QUOTA_RULES: '2',
  QUOTA_API_KEYS: '1',
  QUOTA_WEBHOOKS: '1',
  QUOTA_PREFERENCES: '1',
  QUOTA_SERIES: '3',
  QUOTA_EMAILS_PER_DAY: '0',
});
const ALERTS = '/api/v1/analytics/alerts/configs';

async function of(org: string) {
  const token = await tokenOf(['org_admin'], [org]);
  return (path: string, body?: object, method?: string) =>
    service.call(path, { token, ...(body && { body }), ...(method && { method }) });
}

function ruleNamed(name: string) {
  return { name, metric: 'usage.count', type: 'threshold_above', threshold: 5 };
}

async function usedBy(org: string): Promise<Record<string, [number | null, number]>> {
  const { json } = await (await of(org))(`/analytics/v1/orgs/${org}/limits`);
  return Object.fromEntries(
    json.limits.map((one: { quota: string; limit: number | null; used: number }) => [
      one.quota,
      [one.limit, one.used],
    ]),
  );
}

describe('beyond its quota an org is refused, and its neighbour is not', () => {
  test('rules, one by one and imported', async () => {
    const [full, neighbour] = [ownName(), ownName()];
    const [asFull, asNeighbour] = [await of(full), await of(neighbour)];
    for (const name of ['a', 'b']) expect((await asFull(ALERTS, ruleNamed(name))).status).toBe(201);
    expect((await asFull(ALERTS, ruleNamed('c'))).json).toMatchObject({
      status: 429,
      code: 'quota_exceeded',
      detail:
        'The quota rules of the org is reached: 2 alert rules. Remove some, or ask the operator to raise QUOTA_RULES.',
    });
    expect((await asNeighbour(ALERTS, ruleNamed('c'))).status).toBe(201);
    expect(await usedBy(full)).toMatchObject({ rules: [2, 2], emails_per_day: [null, 0] });
    expect(await usedBy(neighbour)).toMatchObject({ rules: [2, 1] });

    const alerts = ['d', 'e'].map((name) => ({ ...ruleNamed(name), orgId: neighbour }));
    const imported = await service.call(`${ALERTS}/import?orgId=${neighbour}`, {
      headers: { 'content-type': 'application/yaml' },
      body: JSON.stringify({ alerts }),
    });
    expect(imported.json).toMatchObject({ code: 'quota_exceeded' });
    expect(await usedBy(neighbour)).toMatchObject({ rules: [2, 1] });
  });

  test('rules added at the same moment', async () => {
    const asFull = await of(ownName());
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => asFull(ALERTS, ruleNamed(name))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 429, 429]);
  });

  test('API keys; a revoked one makes room', async () => {
    const [full, neighbour] = [ownName(), ownName()];
    const keyFor = (...orgs: string[]) =>
      service.call('/analytics/v1/api-keys', { body: { name: 'gateway', role: 'ingest', orgs } });
    const { json: made } = await keyFor(full);
    expect((await keyFor(full)).json).toMatchObject({ code: 'quota_exceeded' });
    expect((await keyFor(neighbour, full)).json).toMatchObject({ code: 'quota_exceeded' });
    expect((await keyFor(neighbour)).status).toBe(201);
    await service.call(`/analytics/v1/api-keys/${made.id}`, { method: 'DELETE' });
    expect((await keyFor(full)).status).toBe(201);
  });

  test('webhooks', async () => {
    const [full, neighbour] = [ownName(), ownName()];
    const [asFull, asNeighbour] = [await of(full), await of(neighbour)];
    const hooks = '/api/v1/analytics/notifications/webhooks';
    const hookNamed = (name: string) => ({ name, url: 'https://8.8.8.8/' });
    expect((await asFull(hooks, hookNamed('a'))).status).toBe(201);
    expect((await asFull(hooks, hookNamed('b'))).json).toMatchObject({ code: 'quota_exceeded' });
    expect((await asNeighbour(hooks, hookNamed('b'))).status).toBe(201);
  });

  test('preferences; one that is there can be changed', async () => {
    const [full, neighbour] = [ownName(), ownName()];
    const [asFull, asNeighbour] = [await of(full), await of(neighbour)];
    const team = (name: string) => `/api/v1/analytics/notifications/preferences/teams/${name}`;
    expect((await asFull(team('a'), {}, 'PUT')).status).toBe(200);
    expect((await asFull(team('a'), { email: 'a@acme.example' }, 'PUT')).status).toBe(200);
    expect((await asFull(team('b'), {}, 'PUT')).json).toMatchObject({ code: 'quota_exceeded' });
    expect((await asNeighbour(team('b'), {}, 'PUT')).status).toBe(200);
  });

  test('series: new ones are refused, events of known ones are stored', async () => {
    const [full, neighbour] = [ownName(), ownName()];
    const [asFull, asNeighbour] = [await of(full), await of(neighbour)];
    const send = (call: typeof asFull, orgId: string, ...models: string[]) =>
      call(
        '/analytics/v1/events',
        models.map((modelId) => makeUsage({ orgId, modelId, clientId: 'one', status: 'success' })),
      );
    expect((await send(asFull, full, 'a', 'b', 'c')).json).toMatchObject({ stored: 3 });
    const mixed = await send(asFull, full, 'a', 'd');
    expect(mixed.status).toBe(207);
    expect(mixed.json).toMatchObject({
      stored: 1,
      rejected: 1,
      errors: [{ index: 1, code: 'quota_exceeded', detail: expect.stringMatching(/series.*QUOTA_SERIES/) }],
    });
    expect((await send(asFull, full, 'e', 'f')).json).toMatchObject({
      status: 429,
      code: 'quota_exceeded',
    });
    expect((await send(asNeighbour, neighbour, 'd', 'e')).json).toMatchObject({ stored: 2 });
    expect(await usedBy(full)).toMatchObject({ series: [3, 3] });
  });
});

test('the limits of an org are closed to other orgs', async () => {
  const [org, other] = [ownName(), ownName()];
  expect((await (await of(other))(`/analytics/v1/orgs/${org}/limits`)).status).toBe(403);
});

test('an admin keeps raw events of an org for fewer days, and its limits show it', async () => {
  const org = ownName();
  const path = `/analytics/v1/orgs/${org}/retention`;
  const set = (rawRetentionDays: unknown) =>
    service.call(path, { method: 'PUT', body: { rawRetentionDays } });
  expect((await set(3)).json).toEqual({ orgId: org, rawRetention: { ownDays: 3, days: 3, keptFrom: null } });
  const asOrg = await of(org);
  expect((await asOrg(`/analytics/v1/orgs/${org}/limits`)).json.rawRetention).toMatchObject({ ownDays: 3 });
  expect((await asOrg(path, { rawRetentionDays: 2 }, 'PUT')).status).toBe(403);
  expect((await set(8)).json).toMatchObject({
    ...{ status: 400, code: 'invalid_request' },
    errors: [{ path: '$.rawRetentionDays', message: expect.stringContaining('from 1 to 7') }],
  });
  expect((await set('x')).status).toBe(400);
  expect((await set(null)).json.rawRetention).toEqual({ ownDays: null, days: 7, keptFrom: null });
});
