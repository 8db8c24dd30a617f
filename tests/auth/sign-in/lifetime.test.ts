import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sessionJobs } from '../../../src/auth/sessions/forget-sessions.ts';
import { createLoginSessions } from '../../../src/auth/sessions/login-sessions.ts';
import { openLogin, sealLogin } from '../../../src/auth/sessions/oidc/login-state.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { unreachablePool } from '../../support/database/pools.ts';
import { tokenOf } from '../../support/service/service.ts';
import { startServiceProcess } from '../../support/service/service-process.ts';

const database = useDatabase();
let now = Date.UTC(2026, 0, 1);
const clock = { now: () => now };
const caller = { route: 'POST /console/session', requestId: 'r-1' };
const device = { userAgent: 'a browser', address: '192.0.2.1' };
const actor = { id: 'ada', roles: ['engineer'] as const, orgs: ['acme'], via: 'oidc' as const };

function isRevoked(): boolean {
  return false;
}

function open(pool = database.pool) {
  return createLoginSessions({ database: pool, clock, isRevoked });
}

function start(sessions = open()) {
  return sessions.start({ actor, name: 'Ada', grantedAt: new Date(now) }, device, caller);
}

describe('a session', () => {
  test('ends after twelve hours without a request, and not before', async () => {
    const sessions = open();
    const { token } = await start(sessions);
    now += 12 * HOUR - 1;
    await expect(sessions.verify(token)).resolves.toMatchObject({ name: 'Ada' });
    now += 12 * HOUR - 1;
    await expect(sessions.verify(token)).resolves.toMatchObject({ name: 'Ada' });
    now += 12 * HOUR;
    await expect(sessions.verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(open().verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('ends after seven days of requests', async () => {
    const sessions = open();
    const { token } = await start(sessions);
    const end = now + 7 * DAY;
    for (now += 11 * HOUR; now < end; now += 11 * HOUR) await sessions.verify(token);
    now = end - 1;
    await expect(sessions.verify(token)).resolves.toMatchObject({ id: expect.any(String) });
    now = end;
    await expect(sessions.verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('goes on in a process that has not seen it, by the last use that another has written', async () => {
    const sessions = open();
    const { token, session } = await start(sessions);
    now += 10 * HOUR;
    await sessions.verify(token);
    const used = new Date(now);
    await expect
      .poll(async () => (await open().list(actor)).find(({ id }) => id === session.id)?.lastSeenAt, {
        timeout: 10_000,
      })
      .toEqual(used);
    now += 10 * HOUR;
    await expect(open().verify(token)).resolves.toMatchObject({ id: session.id });
  });

  test('ends within five seconds in a process that another ends it from', async () => {
    const [here, elsewhere] = [open(), open()];
    const { token, session } = await start(here);
    await elsewhere.verify(token);
    await here.end(session.id, { ...caller, actor });
    await expect(here.verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    const outcome = () =>
      elsewhere.verify(token).then(
        () => 'works',
        () => 'refused',
      );
    await expect.poll(outcome, { timeout: 5_000 }).toBe('refused');
  });

  test('costs a query now and then, not one a request', async () => {
    let queries = 0;
    const counted = Object.assign(Object.create(database.pool), {
      query: (...args: Parameters<typeof database.pool.query>) => {
        queries++;
        return database.pool.query(...args);
      },
    });
    const sessions = createLoginSessions({ database: database.pool, verifying: counted, clock, isRevoked });
    const { token } = await start(sessions);
    for (let request = 0; request < 1_000; request++) await sessions.verify(token);
    expect(queries).toBeGreaterThanOrEqual(1);
    expect(queries).toBeLessThan(10);
  });

  test('is neither accepted nor refused while the database is away', async () => {
    const { token } = await start();
    const away = unreachablePool();
    await expect(open(away).verify(token)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('is removed once it is past its time, and no other', async () => {
    await database.pool.query('delete from analytics.login_sessions');
    await start();
    now += 12 * HOUR;
    const { session } = await start();
    for (const job of sessionJobs({ pool: database.pool, clock }))
      await job.run(new AbortController().signal);
    const { rows } = await database.pool.query('select id from analytics.login_sessions');
    expect(rows).toEqual([{ id: session.id }]);
  });
});

test('a sign-in at the provider must be complete within ten minutes', async () => {
  const key = randomBytes(32);
  const login = { state: 's', nonce: 'n', verifier: 'v', returnTo: '/console/' };
  const sealed = await sealLogin(login, key, clock);
  expect(sealed).not.toContain('eyJub25jZSI');
  now += 10 * MINUTE - 1_000;
  expect(await openLogin(sealed, key, clock)).toMatchObject(login);
  expect(await openLogin(sealed, randomBytes(32), clock)).toBeUndefined();
  expect(await openLogin(`${sealed.slice(0, -2)}xx`, key, clock)).toBeUndefined();
  now += 2_000;
  expect(await openLogin(sealed, key, clock)).toBeUndefined();
});

test('sessions go on after kill -9 and a new start', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-killed-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const env = { DATABASE_URL: database.url, ROLES: 'api' };
  const first = await startServiceProcess(dataDir, env);
  const answer = await fetch(`${first.origin}/console/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: await tokenOf(['admin'], [], 'survivor') }),
  });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  await first.kill();
  const second = await startServiceProcess(dataDir, env);
  onTestFinished(() => second.stop());
  const after = await fetch(`${second.origin}/console/session`, { headers: { cookie } });
  expect(await after.json()).toMatchObject({ actor: 'survivor' });
}, 120_000);
