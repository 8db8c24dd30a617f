import { expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const KEYS = '/analytics/v1/api-keys';
const EVENTS = '/analytics/v1/events';

test('a key is created, used, listed and revoked, and each change is audited', async () => {
  const token = await tokenOf(['admin'], [], 'ada');
  const made = await service.call(KEYS, { token, body: { name: 'gateway', role: 'ingest', orgs: ['acme'] } });
  expect(made.status).toBe(201);
  const { key, ...rest } = made.json;
  expect(rest).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    name: 'gateway',
    role: 'ingest',
    orgs: ['acme'],
    createdAt: expect.stringMatching(/Z$/),
    createdBy: 'ada',
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
  });

  const send = (headers: Record<string, string>) =>
    service.call(EVENTS, { token: null, headers, body: makeUsage() });
  expect((await send({ 'x-api-key': key })).json).toMatchObject({ stored: 1 });
  expect((await send({ authorization: `Bearer ${key}` })).json).toMatchObject({ stored: 1 });

  const list = async () => (await service.call(KEYS, { token })).json.keys;
  await expect.poll(list).toEqual([{ ...rest, lastUsedAt: expect.stringMatching(/Z$/) }]);

  expect((await service.call(`${KEYS}/${rest.id}`, { token, method: 'DELETE' })).status).toBe(204);
  expect((await send({ 'x-api-key': key })).json).toMatchObject({
    status: 401,
    detail: 'The API key has been revoked. Use another key.',
  });
  expect((await service.call(`${KEYS}/nope`, { token, method: 'DELETE' })).status).toBe(404);

  const { rows } = await service.database.pool.query(
    'select actor_id, action, subject, route from analytics.audit_log order by id',
  );
  expect(rows).toEqual([
    { actor_id: 'ada', action: 'api_key.create', subject: rest.id, route: `POST ${KEYS}` },
    { actor_id: 'ada', action: 'api_key.revoke', subject: rest.id, route: `DELETE ${KEYS}/:keyId` },
  ]);
  expect(JSON.stringify(service.log)).not.toContain(key.slice(-43));
});

test('a key expires by itself', async () => {
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const body = { name: 'for an hour', role: 'finance', orgs: ['acme'], expiresAt };
  expect((await service.call(KEYS, { body })).json).toMatchObject({ expiresAt });
  const past = { ...body, expiresAt: '2020-01-01T00:00:00Z' };
  expect((await service.call(KEYS, { body: past })).json).toMatchObject({
    status: 400,
    errors: [{ path: '$.expiresAt' }],
  });
  const wrong = { ...body, expiresAt: '2026-02-30T00:00:00Z' };
  expect((await service.call(KEYS, { body: wrong })).json).toMatchObject({
    status: 400,
    errors: [{ path: '$.expiresAt' }],
  });
});

test.each(['org_admin', 'engineer', 'finance', 'business_viewer', 'ingest'] as const)(
  '%s may not manage keys',
  async (role) => {
    const token = await tokenOf([role], ['acme']);
    expect((await service.call(KEYS, { token })).status).toBe(403);
    expect((await service.call(KEYS, { token, body: { name: 'n', role: 'admin', orgs: [] } })).status).toBe(
      403,
    );
  },
);
