import { beforeAll, describe, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const PATH = '/api/v1/analytics/alerts/silences';
const yaml = { 'content-type': 'application/yaml' };

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}

function add(body: object, token?: string) {
  return service.call(PATH, { body, ...(token !== undefined && { token }) });
}

beforeAll(async () => {
  for (const [name, severity] of [
    ['a', 'critical'],
    ['b', 'warning'],
  ]) {
    const rule = { metric: 'usage.errors', type: 'threshold_above', threshold: 1, groupBy: ['modelId'] };
    const body = { orgId: 'acme', name, severity, ...rule };
    expect((await service.call('/api/v1/analytics/alerts/configs', { body })).status).toBe(201);
  }
});

test('a silence says what it is for, until when, and which rules it matches', async () => {
  const made = await add({ orgId: 'acme', reason: 'deploy', severities: ['critical'], endsAt: inAnHour() });
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({
    orgId: 'acme',
    state: 'active',
    rules: [],
    matchingRules: [{ name: 'a' }],
    matchingRuleCount: 1,
    recurrence: null,
    createdBy: expect.any(String),
  });
  const listed = await service.call(`${PATH}?orgId=acme&state=active`);
  expect(listed.json.silences).toEqual([made.json]);
  expect((await service.call(`${PATH}?orgId=acme&state=pending`)).json.silences).toEqual([]);
  const changed = await service.call(`${PATH}/${made.json.id}`, {
    method: 'PUT',
    body: {
      ...made.json,
      endsAt: new Date(Date.now() - 1_000).toISOString(),
      startsAt: '2026-01-01T00:00:00Z',
    },
  });
  expect(changed.json).toMatchObject({ state: 'expired', occurrence: null, version: 2 });
  expect((await service.call(`${PATH}?orgId=acme&state=unexpired`)).json.silences).toEqual([]);
  expect((await service.call(`${PATH}/${made.json.id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await service.call(`${PATH}/${made.json.id}`)).status).toBe(404);
  const { rows } = await service.database.pool.query(
    `select action from analytics.audit_log where subject = $1 order by id`,
    [made.json.id],
  );
  expect(rows.map(({ action }) => action)).toEqual([
    'alert_silence.create',
    'alert_silence.update',
    'alert_silence.delete',
  ]);
});

test('a window gives its next occurrence', async () => {
  const recurrence = { days: ['sun'], from: '02:00', to: '01:00', timezone: 'Asia/Kathmandu' };
  const made = await add({ orgId: 'acme', reason: 'maintenance', recurrence, labels: { modelId: 'm' } });
  expect(made.json).toMatchObject({ recurrence, startsAt: null, endsAt: null, matchingRuleCount: 2 });
  const { opensAt, closesAt } = made.json.occurrence;
  expect(opensAt).toMatch(/T20:15:00.000Z$/);
  expect(Date.parse(closesAt) - Date.parse(opensAt)).toBe(23 * 3_600_000);
});

describe('a silence is refused', () => {
  const zone = { days: ['mon'], from: '01:00', to: '02:00', timezone: 'IST' };
  test.each([
    [{}, '$.reason', 'is required'],
    [{ reason: 'x' }, '$.endsAt', 'is required, unless the silence has a recurrence'],
    [
      { reason: 'x', endsAt: '2026-01-01T00:00:00Z', startsAt: '2026-01-02T00:00:00Z' },
      '$.endsAt',
      'must be after the start',
    ],
    [{ reason: 'x', endsAt: 'soon' }, '$.endsAt', 'must be'],
    [{ reason: 'x', recurrence: zone }, '$.recurrence', 'an IANA name such as Europe/Berlin'],
    [{ reason: 'x', severity: ['critical'] }, '$.severity', 'did you mean severities?'],
    [{ reason: 'x', endsAt: '2099-01-01T00:00:00Z', rules: ['c'] }, '$.rules[0]', '"c" is no rule of acme'],
  ])('%j', async (fields, path, message) => {
    const { status, json } = await add({ orgId: 'acme', ...fields });
    expect(status).toBe(400);
    expect(json.errors[0].path).toBe(path);
    expect(json.errors[0].message).toContain(message);
  });

  test('of another org', async () => {
    const token = await tokenOf(['engineer'], ['globex']);
    const silence = { reason: 'x', endsAt: inAnHour() };
    expect((await add({ orgId: 'acme', ...silence }, token)).status).toBe(403);
    const { json } = await add({ orgId: 'acme', ...silence });
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect(
        (
          await service.call(`${PATH}/${json.id}`, {
            method,
            token,
            ...(method === 'PUT' && { body: silence }),
          })
        ).status,
      ).toBe(404);
    expect((await service.call(`${PATH}?orgId=acme`, { token })).status).toBe(403);
  });
});

test('a file of rules has the named silences, and importing it again changes nothing', async () => {
  const configs = '/api/v1/analytics/alerts/configs';
  const load = (body: string, query = '') =>
    service.call(`${configs}/import?orgId=filed${query}`, { method: 'POST', headers: yaml, body });
  const file = `
alerts:
  - {name: r, metric: usage.errors, type: threshold_above, threshold: 1}
silences:
  - name: nightly
    reason: backup
    rules: [r]
    recurrence: {days: [mon], from: "22:00", to: "06:00", timezone: Europe/Berlin}
`;
  expect((await load(file, '&dryRun=true')).json.silences).toMatchObject([
    { action: 'create', name: 'nightly' },
  ]);
  expect((await load(file)).json).toMatchObject({
    changes: [{ action: 'create' }],
    silences: [{ action: 'create' }],
  });
  const { text } = await service.call(`${configs}/export?orgId=filed`);
  expect(text).toContain('silences:');
  expect((await load(text)).json).toMatchObject({
    changes: [{ action: 'unchanged' }],
    silences: [{ action: 'unchanged' }],
  });
  const refused = await load(file.replace('rules: [r]', 'rules: [gone]'));
  expect(refused.json.errors).toMatchObject([{ path: '$.silences[0].rules[0]' }]);
  const without = text.slice(0, text.indexOf('silences:'));
  expect((await load(without, '&prune=true')).json.silences).toMatchObject([{ action: 'delete' }]);
  // A file that speaks of silences alone leaves the rules, even where it removes what it does not name.
  const alone = file.slice(file.indexOf('silences:'));
  expect((await load(alone, '&prune=true')).json).toMatchObject({
    changes: [],
    silences: [{ action: 'create', name: 'nightly' }],
  });
  expect((await service.call(`${configs}?orgId=filed`)).json.configs).toMatchObject([{ name: 'r' }]);
  expect((await load('silences: []', '&prune=true')).json.silences).toMatchObject([{ action: 'delete' }]);
  expect((await service.call(`${PATH}?orgId=filed`)).json.silences).toEqual([]);
});
