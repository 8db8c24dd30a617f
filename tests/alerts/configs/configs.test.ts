import { describe, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const PATH = '/api/v1/analytics/alerts/configs';
const yaml = { 'content-type': 'application/yaml' };

let made = 0;

function rule(changes: object = {}) {
  return {
    name: `Errors ${++made}`,
    metric: 'usage.error_rate',
    type: 'threshold_above',
    threshold: 0.05,
    ...changes,
  };
}

function post(body: object, token?: string) {
  return service.call(PATH, { body, ...(token !== undefined && { token }) });
}

const engineer = tokenOf(['engineer'], ['acme'], 'eve');

test('a rule is created, read, changed and removed, and each change is audited with before and after', async () => {
  const created = await post(rule({ orgId: 'acme', name: 'Mine' }));
  expect(created).toMatchObject({
    status: 201,
    json: { orgId: 'acme', version: 1, severity: 'warning', openAlerts: 0 },
  });
  const { id } = created.json;
  expect(created.headers.get('etag')).toBe('"1"');
  expect(created.headers.get('location')).toBe(`${PATH}/${id}`);
  expect((await service.call(`${PATH}/${id}`)).json).toEqual(created.json);

  const changed = await service.call(`${PATH}/${id}`, {
    method: 'PUT',
    headers: { 'if-match': '"1"' },
    body: rule({ name: 'Mine', threshold: 0.1 }),
  });
  expect(changed).toMatchObject({ status: 200, json: { version: 2, threshold: 0.1 } });
  expect(changed.headers.get('etag')).toBe('"2"');

  const stale = { method: 'PUT', headers: { 'if-match': '"1"' }, body: rule({ name: 'Mine' }) };
  expect(await service.call(`${PATH}/${id}`, stale)).toMatchObject({
    status: 412,
    json: { code: 'precondition_failed', errors: [{ path: 'If-Match', message: 'must be "2"' }] },
  });
  expect((await service.call(`${PATH}/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await service.call(`${PATH}/${id}`)).status).toBe(404);

  const { rows } = await service.database.pool.query(
    'select action, org_id, before, after from analytics.audit_log where subject = $1 order by id',
    [id],
  );
  expect(rows).toMatchObject([
    { action: 'alert_config.create', org_id: 'acme', before: null, after: { threshold: 0.05 } },
    { action: 'alert_config.update', before: { threshold: 0.05 }, after: { threshold: 0.1, version: 2 } },
    { action: 'alert_config.delete', before: { threshold: 0.1 }, after: null },
  ]);
});

test('a rule that is created silenced is silent from the start, and created once', async () => {
  const silencedUntil = new Date(Date.now() + 3_600_000).toISOString();
  const made = await post(rule({ orgId: 'acme', silencedUntil }));
  expect(made).toMatchObject({ status: 201, json: { version: 1, silencedUntil } });
  const { rows } = await service.database.pool.query(
    'select action, after from analytics.audit_log where subject = $1',
    [made.json.id],
  );
  expect(rows).toMatchObject([{ action: 'alert_config.create', after: { silencedUntil } }]);
});

test('the answer of GET can be sent back by PUT, and fields of the service keep their values', async () => {
  const { json: made } = await post(rule({ orgId: 'acme' }));
  const put = (body: object) => service.call(`${PATH}/${made.id}`, { method: 'PUT', body });
  const { json: changed } = await put({ ...made, threshold: 0.1, createdBy: 'another', openAlerts: 9 });
  const { id, name, createdBy, createdAt } = made;
  expect(changed).toMatchObject({
    id,
    name,
    createdBy,
    createdAt,
    threshold: 0.1,
    version: 2,
    openAlerts: 0,
  });
  // A rule stays in its org, and a new rule takes nothing from another.
  expect(await put({ ...made, orgId: 'other' })).toMatchObject({
    status: 400,
    json: {
      errors: [{ path: '$.orgId', message: 'must be "acme" or absent; for another org, add another rule' }],
    },
  });
  expect(await put({ ...made, id: '00000000-0000-4000-8000-000000000000' })).toMatchObject({
    status: 400,
    json: { errors: [{ path: '$.id' }] },
  });
  const unknown = await post({ ...made, name: 'Another' });
  expect(unknown.json.errors).toContainEqual({ path: '$.version', message: 'is not a field of a rule' });
});

test('a change that says nothing of a silence keeps it, and null ends it', async () => {
  const silencedUntil = new Date(Date.now() + 3_600_000).toISOString();
  const { json: made } = await post(rule({ orgId: 'acme', silencedUntil }));
  const put = (body: object) => service.call(`${PATH}/${made.id}`, { method: 'PUT', body });
  const { silencedUntil: _omitted, ...rest } = made;
  expect((await put({ ...rest, threshold: 0.1 })).json).toMatchObject({ threshold: 0.1, silencedUntil });
  expect((await put({ ...rest, silencedUntil: null })).json.silencedUntil).toBeNull();
});

test('a name is unique in an org', async () => {
  const given = rule({ orgId: 'acme' });
  expect((await post(given)).status).toBe(201);
  expect(await post(given)).toMatchObject({
    status: 409,
    json: { code: 'conflict', errors: [{ path: '$.name' }] },
  });
  expect((await post({ ...given, orgId: 'other' })).status).toBe(201);
  expect((await post({ ...given, orgId: undefined })).status).toBe(201);
  expect((await post({ ...given, orgId: undefined })).status).toBe(409);
});

describe('a faulty rule is refused, with what is allowed', () => {
  test.each([
    [{ metric: 'usage.errorrate' }, '$.metric', 'is not a known metric; did you mean usage.error_rate?'],
    [
      { threshold: 7 },
      '$.threshold',
      'must be a share from 0 to 1 (0.05 is 5 %): usage.error_rate is a share; for 7 % give 0.07',
    ],
    [{ treshold: 7 }, '$.treshold', 'is not a field of a rule; did you mean threshold?'],
    [{ orgId: '*' }, '$.orgId', 'cannot be "*"; leave it out for a rule over all orgs'],
    [
      { silencedUntil: 'soon' },
      '$.silencedUntil',
      'must be an ISO 8601 date and time with its zone, such as 2026-01-31T12:00:00Z',
    ],
  ])('%j', async (changes, path, message) => {
    expect(await post(rule({ orgId: 'acme', ...changes }))).toMatchObject({
      status: 400,
      json: { errors: [{ path, message }] },
    });
  });

  test('the message ends with a single full stop', async () => {
    const { json } = await post(rule({ orgId: 'acme', metric: 'usage.errorrate' }));
    expect(json.detail).toBe('In the body: $.metric is not a known metric; did you mean usage.error_rate?');
    const wrong = await post(rule({ orgId: 'acme', threshold: 7 }));
    expect(wrong.json.detail).toMatch(/ give 0\.07\.$/);
  });

  test('a malformed If-Match is refused', async () => {
    const { json } = await post(rule({ orgId: 'acme' }));
    const body = rule();
    expect(
      await service.call(`${PATH}/${json.id}`, { method: 'PUT', headers: { 'if-match': 'one' }, body }),
    ).toMatchObject({ status: 400, json: { errors: [{ path: 'If-Match' }] } });
  });

  test('a malformed id is refused', async () => {
    expect((await service.call(`${PATH}/7`)).status).toBe(400);
  });
});

test('people see and change only the rules of their own orgs', async () => {
  const token = await engineer;
  const mine = await post(rule(), token);
  expect(mine).toMatchObject({ status: 201, json: { orgId: 'acme', createdBy: 'eve' } });
  expect((await post(rule({ orgId: 'other' }), token)).status).toBe(403);
  const others = (await post(rule({ orgId: 'other' }))).json;
  const all = (await post(rule())).json;
  for (const { id } of [others, all]) {
    expect((await service.call(`${PATH}/${id}`, { token })).status).toBe(404);
    expect((await service.call(`${PATH}/${id}`, { token, method: 'DELETE' })).status).toBe(404);
    expect((await service.call(`${PATH}/${id}`, { token, method: 'PUT', body: rule() })).status).toBe(404);
  }
  const { json } = await service.call(PATH, { token });
  expect(new Set(json.configs.map(({ orgId }: { orgId: string }) => orgId))).toEqual(new Set(['acme']));
  expect((await service.call(`${PATH}?orgId=other`, { token })).status).toBe(403);
  expect((await service.call(PATH, { token: await tokenOf(['finance'], ['acme']) })).status).toBe(403);
});

test('the list is filtered, and paged without gaps or repetitions', async () => {
  for (let index = 0; index < 5; index++) await post(rule({ orgId: 'paged', severity: 'critical' }));
  await post(rule({ orgId: 'paged', name: 'The odd one', enabled: false }));
  const page = (query: string) => service.call(`${PATH}?orgId=paged&${query}`);
  const names: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { json } = await page(`severity=critical&limit=2${next && `&after=${next}`}`);
    names.push(...json.configs.map(({ name }: { name: string }) => name));
    next = json.next;
  }
  expect(names).toHaveLength(5);
  expect(names).toEqual([...new Set(names)].sort());
  expect((await page('name=ODD&enabled=false')).json.configs).toMatchObject([{ name: 'The odd one' }]);
  expect((await page('severity=bad')).status).toBe(400);
});

test('a page follows the one before even if the last rule of that is gone', async () => {
  for (const name of ['a', 'b', 'c']) await post(rule({ orgId: 'gone', name }));
  const page = (query: string) => service.call(`${PATH}?orgId=gone&limit=1${query}`);
  const first = (await page('')).json;
  await service.call(`${PATH}/${first.configs[0].id}`, { method: 'DELETE' });
  expect((await page(`&after=${first.next}`)).json.configs).toMatchObject([{ name: 'b' }]);
});

test.each([
  '00000000-0000-4000-8000-000000000000',
  'nonsense',
  Buffer.from('["a","b"]').toString('base64url'),
  Buffer.from('["\\u0000","00000000-0000-4000-8000-000000000000"]').toString('base64url'),
])('%s is refused as a cursor', async (after) => {
  expect(await service.call(`${PATH}?after=${after}`)).toMatchObject({
    status: 400,
    json: { errors: [{ path: 'after' }] },
  });
});

test('the metrics that can be watched are listed with unit and dimensions', async () => {
  const { json } = await service.call('/api/v1/analytics/alerts/metrics');
  expect(json.metrics).toContainEqual(
    expect.objectContaining({
      name: 'usage.error_rate',
      unit: 'ratio',
      min: 0,
      max: 1,
      dimensions: expect.arrayContaining(['modelId']),
    }),
  );
});

test('a webhook that a rule names must exist, however the rule is created', async () => {
  const channels = [{ channel: 'webhook', to: 'pager' }];
  const path = '$.channels.0.to';
  const missing = {
    status: 400,
    json: {
      errors: [{ path, message: expect.stringContaining('is no webhook of acme; acme has none yet') }],
    },
  };
  expect(await post(rule({ orgId: 'acme', name: 'Told', channels }))).toMatchObject(missing);
  const body = `alerts:\n  - { orgId: acme, name: Told, metric: usage.error_rate, type: threshold_above, threshold: 0.1, channels: [{ channel: webhook, to: pager }] }\n`;
  const dryRun = { headers: yaml, body };
  expect(await service.call(`${PATH}/import?dryRun=true`, dryRun)).toMatchObject({
    status: 400,
    json: { errors: [{ path: '$.alerts[0].channels.0.to' }] },
  });
  const { id } = (await post(rule({ orgId: 'acme', name: 'Told' }))).json;
  const change = { method: 'PUT', body: rule({ name: 'Told', channels }) };
  expect(await service.call(`${PATH}/${id}`, change)).toMatchObject(missing);
  expect((await service.call(`${PATH}/${id}`)).json).toMatchObject({ version: 1, channels: [] });

  const hook = { name: 'pager', url: 'https://hooks.example.com/pager' };
  const webhooks = '/api/v1/analytics/notifications/webhooks?orgId=acme';
  expect((await service.call(webhooks, { body: hook })).status).toBe(201);
  expect(await service.call(`${PATH}/${id}`, change)).toMatchObject({ status: 200, json: { channels } });
  // The same name in another org is another webhook.
  expect(await post(rule({ orgId: 'globex', channels }))).toMatchObject({
    status: 400,
    json: { errors: [{ path }] },
  });
});
