import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiKeys, createApiKeys } from '../../src/auth/api-keys.ts';
import type { Caller } from '../../src/auth/caller.ts';
import { DAY, MINUTE } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { unreachablePool } from '../support/database/pools.ts';

const database = useDatabase();
let now = Date.UTC(2026, 0, 1);
const clock = { now: () => now };
let keys: ApiKeys;

beforeAll(() => {
  keys = createApiKeys({ database: database.pool, clock });
});

const caller: Caller = {
  actor: { id: 'ada', roles: ['admin'], orgs: [], via: 'jwt' },
  route: 'POST /keys',
  requestId: 'r-1',
};

function make(overrides = {}) {
  return keys.create({ name: 'gateway', role: 'ingest', orgs: ['acme'], ...overrides }, caller);
}

describe('an API key', () => {
  test('gives its role and orgs', async () => {
    const { key, id } = await make();
    expect(key).toMatch(/^tmk_[0-9a-f]{16}_[\w-]{43}$/);
    expect(await keys.verify(key)).toEqual({ id, roles: ['ingest'], orgs: ['acme'], via: 'api_key' });
  });

  test('is shown once: the database and the list hold no secret', async () => {
    const { key } = await make({ name: 'shown once' });
    const secret = key.slice(-43);
    const { rows } = await database.pool.query(
      `select k::text as row from analytics.api_keys k where name = 'shown once'`,
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, await keys.list()])).not.toContain(secret);
    expect((await keys.list()).find(({ name }) => name === 'shown once')).toMatchObject({
      role: 'ingest',
      createdBy: 'ada',
      revokedAt: null,
    });
  });

  test('is refused with a wrong secret, an unknown id, or the wrong form', async () => {
    const { key } = await make();
    const other = key.endsWith('A') ? 'B' : 'A';
    const wrong = [
      key.slice(0, -1) + other,
      key.replace(/^tmk_.{16}/, `tmk_${'0'.repeat(16)}`),
      '',
      'tmk_',
      `${key} `,
      "' or 1=1 --",
    ];
    for (const given of wrong)
      await expect(keys.verify(given)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('is refused once it is revoked, at once here and within five seconds in another process', async () => {
    const { key, id } = await make();
    const elsewhere = createApiKeys({ database: database.pool, clock });
    await elsewhere.verify(key);
    await keys.verify(key);
    await keys.revoke(id, caller);
    await expect(keys.verify(key)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect
      .poll(
        () =>
          elsewhere.verify(key).then(
            () => 'works',
            () => 'refused',
          ),
        { timeout: 5_000 },
      )
      .toBe('refused');
  });

  test('that is revoked twice keeps the first time', async () => {
    const { id } = await make();
    await keys.revoke(id, caller);
    now += MINUTE;
    await keys.revoke(id, caller);
    expect((await keys.list()).find((key) => key.id === id)?.revokedAt).toEqual(new Date(now - MINUTE));
  });

  test('is refused after it expires', async () => {
    const { key } = await make({ expiresAt: new Date(now + DAY) });
    await keys.verify(key);
    now += DAY;
    await expect(keys.verify(key)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'The API key has expired. Use another key.',
    });
  });

  test('cannot be created without an org, a known role, a name and a future expiry', async () => {
    const faulty = { name: ' ', role: 'king', orgs: [], expiresAt: new Date(now) };
    await expect(make(faulty)).rejects.toMatchObject({
      code: 'invalid_request',
      faults: [{ path: '$.name' }, { path: '$.role' }, { path: '$.expiresAt' }],
    });
    await expect(make({ orgs: [] })).rejects.toMatchObject({ faults: [{ path: '$.orgs' }] });
    await expect(make({ orgs: ['acme', '*'] })).rejects.toMatchObject({ faults: [{ path: '$.orgs' }] });
    await expect(make({ role: 'admin', orgs: [] })).resolves.toMatchObject({ role: 'admin' });
  });

  test('cannot be revoked if it never existed', async () => {
    await expect(keys.revoke('nope', caller)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is neither accepted nor refused while the database is away', async () => {
    const { key } = await make();
    const away = unreachablePool();
    await expect(createApiKeys({ database: away, clock }).verify(key)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});

test('the last use of a key is known to the minute', async () => {
  const { key, id } = await keys.create({ name: 'used', role: 'ingest', orgs: ['acme'] }, caller);
  const lastUse = async () => (await keys.list()).find((listed) => listed.id === id)?.lastUsedAt?.getTime();
  expect(await lastUse()).toBeUndefined();
  const at = clock.now();
  await Promise.all([keys.verify(key), keys.verify(key)]);
  await expect.poll(lastUse, { timeout: 10_000 }).toBe(at);
});
