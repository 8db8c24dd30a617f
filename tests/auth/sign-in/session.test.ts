import { describe, expect, test } from 'vitest';
import { createApiKeys } from '../../../src/auth/api-keys.ts';
import { createLoginCode } from '../../../src/auth/sessions/login-codes.ts';
import { revokeTokens } from '../../../src/auth/token-revocations.ts';
import { HOUR, MINUTE, SECOND, systemClock } from '../../../src/time.ts';
import { tokenOf, useService } from '../../support/service/service.ts';
import { openBrowser, signInWith } from './browser.ts';

const service = useService();

const caller = {
  actor: { id: 'root', roles: ['admin'] as const, orgs: [], via: 'command_line' as const },
  route: 'test',
  requestId: '1',
};

function source(clock = systemClock) {
  return { database: service.database.pool, clock };
}

function makeCode(clock = systemClock) {
  return createLoginCode(source(clock), { id: 'ada', roles: ['admin'], orgs: [] }, caller);
}

function audit(action: string) {
  return service.database.pool
    .query(
      `select actor_id, actor_via, subject, after from analytics.audit_log where action = $1 order by id`,
      [action],
    )
    .then(({ rows }) => rows);
}

describe('a browser signs in', () => {
  test('with a token, and is then who the token says', async () => {
    const browser = openBrowser(service);
    const answer = await signInWith(browser, { token: await tokenOf(['engineer'], ['acme'], 'bob') });
    expect(answer.json).toMatchObject({
      actor: 'bob',
      name: 'bob',
      roles: ['engineer'],
      orgs: ['acme'],
      via: 'jwt',
    });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^tidemark=[\w-]{43}; Path=\/; Max-Age=3[56]\d\d; HttpOnly; SameSite=Lax$/,
    );
    expect((await browser.call('/console/session')).json).toEqual(answer.json);
    expect((await browser.call('/analytics/v1/orgs/acme/usage')).status).toBe(200);
    expect((await browser.call('/analytics/v1/orgs/globex/usage')).status).toBe(403);
    expect(await audit('session.start')).toContainEqual(
      expect.objectContaining({ actor_id: 'bob', actor_via: 'jwt' }),
    );
  });

  test('with an API key, and is shown its name', async () => {
    const { json } = await service.call('/analytics/v1/api-keys', {
      body: { name: 'night shift', role: 'engineer', orgs: ['acme'] },
    });
    const browser = openBrowser(service);
    const { json: session } = await signInWith(browser, { apiKey: json.key });
    expect(session).toMatchObject({ actor: json.id, name: 'night shift', via: 'api_key' });
  });

  test('with a link, once', async () => {
    const code = await makeCode();
    const { json } = await signInWith(openBrowser(service), { code });
    expect(json).toMatchObject({ actor: 'ada', roles: ['admin'], via: 'login_link' });
    const again = await openBrowser(service).call('/console/session', { method: 'POST', body: { code } });
    expect(again).toMatchObject({ status: 401, json: { detail: expect.stringMatching(/used already/) } });
  });

  test('not with a link that has expired, nor with one of others', async () => {
    const code = await makeCode({ now: () => systemClock.now() - 10 * MINUTE });
    const tryWith = (given: string) =>
      openBrowser(service).call('/console/session', { method: 'POST', body: { code: given } });
    expect(await tryWith(code)).toMatchObject({
      status: 401,
      json: { detail: expect.stringMatching(/expired/) },
    });
    expect(await tryWith('x'.repeat(43))).toMatchObject({
      status: 401,
      json: { detail: expect.stringMatching(/not one of this installation/) },
    });
  });

  test.each([
    [{}, 400, /must have one of code, token and apiKey/],
    [{ token: 'a', apiKey: 'b' }, 400, /must have one of/],
    [{ password: 'x' }, 400, /password/],
    [{ token: 'no token' }, 401, /not a signed JSON Web Token/],
    [{ apiKey: 'tmk_x' }, 401, /not an API key/],
  ])('not with %o, and learns why', async (body, status, why) => {
    const answer = await openBrowser(service).call('/console/session', { method: 'POST', body });
    expect(answer).toMatchObject({ status, json: { detail: expect.stringMatching(why) } });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('not without a role that reads, nor without an org', async () => {
    const tryWith = async (token: string) =>
      openBrowser(service).call('/console/session', { method: 'POST', body: { token } });
    expect(await tryWith(await tokenOf(['ingest'], ['acme'], 'sender'))).toMatchObject({
      status: 403,
      json: { detail: expect.stringMatching(/no role that may read/) },
    });
    expect(await tryWith(await tokenOf(['finance'], []))).toMatchObject({
      status: 403,
      json: { detail: expect.stringMatching(/belongs to no org/) },
    });
    expect(await audit('session.refuse')).toContainEqual(
      expect.objectContaining({
        actor_id: 'sender',
        after: { reason: expect.stringMatching(/no role/), address: '127.0.0.1' },
      }),
    );
  });
});

describe('a session', () => {
  test('is kept as a hash', async () => {
    const browser = openBrowser(service);
    await signInWith(browser, { code: await makeCode() });
    const { rows } = await service.database.pool.query(
      `select s::text as row, encode(token_hash, 'base64') as hash from analytics.login_sessions s`,
    );
    expect(JSON.stringify(rows)).not.toContain(browser.cookies.get('tidemark'));
  });

  test('ends when its browser signs out, and only the first time is audited', async () => {
    const browser = openBrowser(service);
    await signInWith(browser, { code: await makeCode() });
    const stolen = Object.fromEntries(browser.cookies);
    const before = (await audit('session.end')).length;
    expect((await browser.call('/console/session', { method: 'DELETE' })).status).toBe(204);
    expect(browser.cookies.size).toBe(0);
    expect((await browser.call('/console/session', { method: 'DELETE' })).status).toBe(204);
    expect((await audit('session.end')).length).toBe(before + 1);
    const answer = await browser.call('/console/session', {
      headers: { cookie: `tidemark=${stolen.tidemark}` },
    });
    expect(answer).toMatchObject({ status: 401, json: { detail: expect.stringMatching(/Sign in again/) } });
  });

  test('ends with the API key that started it', async () => {
    const keys = createApiKeys(source());
    const { key, id } = await keys.create({ name: 'k', role: 'engineer', orgs: ['acme'] }, caller);
    const browser = openBrowser(service);
    await signInWith(browser, { apiKey: key });
    await keys.revoke(id, caller);
    await expect
      .poll(async () => (await browser.call('/console/session')).status, { timeout: 20 * SECOND })
      .toBe(401);
  });

  test('ends with the tokens of its subject, and with those of its org', async () => {
    const [one, other, linked] = [openBrowser(service), openBrowser(service), openBrowser(service)];
    const past = { now: () => systemClock.now() - 60 * SECOND };
    await signInWith(one, { token: await tokenOf(['engineer'], ['acme'], 'eve', past) });
    await signInWith(other, { token: await tokenOf(['engineer'], ['umbrella'], 'zoe', past) });
    await signInWith(linked, {
      code: await createLoginCode(source(), { id: 'eve', roles: ['admin'], orgs: [] }, caller),
    });
    await revokeTokens(source(), { kind: 'subject', name: 'eve' }, caller);
    await revokeTokens(source(), { kind: 'org', name: 'umbrella' }, caller);
    for (const browser of [one, other, linked])
      await expect
        .poll(async () => (await browser.call('/console/session')).status, { timeout: 20 * SECOND })
        .toBe(401);
  });

  test('lasts no longer than the token that started it', async () => {
    const browser = openBrowser(service);
    const token = await tokenOf(['admin'], [], 'short', { now: () => systemClock.now() - HOUR / 2 });
    const { json } = await signInWith(browser, { token });
    expect(Date.parse(json.expiresAt) - systemClock.now()).toBeLessThan(HOUR / 2 + SECOND);
  });
});

describe('the sessions of a person', () => {
  test('are listed, and ended one by one or all others together', async () => {
    const token = await tokenOf(['engineer'], ['acme'], 'kim');
    const browsers = [openBrowser(service), openBrowser(service), openBrowser(service)] as const;
    for (const browser of browsers) await signInWith(browser, { token });
    const [mine, second, third] = browsers;
    const list = async () => (await mine.call('/analytics/v1/me/sessions')).json.sessions;
    const listed = await list();
    expect(listed).toHaveLength(3);
    expect(listed.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    expect(listed[0]).toMatchObject({ address: '127.0.0.1', via: 'jwt', userAgent: expect.any(String) });

    const [ofSecond] = (await second.call('/analytics/v1/me/sessions')).json.sessions.filter(
      ({ current }: { current: boolean }) => current,
    );
    expect((await mine.call(`/analytics/v1/me/sessions/${ofSecond.id}`, { method: 'DELETE' })).status).toBe(
      204,
    );
    expect((await second.call('/console/session')).status).toBe(401);
    expect((await mine.call('/analytics/v1/me/sessions', { method: 'DELETE' })).json).toEqual({ ended: 1 });
    expect((await third.call('/console/session')).status).toBe(401);
    expect(await list()).toHaveLength(1);
  });

  test('are out of reach for others', async () => {
    const [victim, other] = [openBrowser(service), openBrowser(service)];
    await signInWith(victim, { token: await tokenOf(['engineer'], ['acme'], 'lee') });
    await signInWith(other, { token: await tokenOf(['admin'], [], 'mallory') });
    const [session] = (await victim.call('/analytics/v1/me/sessions')).json.sessions;
    const answer = await other.call(`/analytics/v1/me/sessions/${session.id}`, { method: 'DELETE' });
    expect(answer.status).toBe(404);
    await other.call('/analytics/v1/me/sessions', { method: 'DELETE' });
    expect((await victim.call('/console/session')).status).toBe(200);
  });

  test('are twenty at most: the one used longest ago ends', async () => {
    const token = await tokenOf(['engineer'], ['acme'], 'many');
    const first = openBrowser(service);
    await signInWith(first, { token });
    await service.database.pool.query(
      `update analytics.login_sessions set last_seen_at = last_seen_at - interval '1 hour' where actor_id = 'many'`,
    );
    for (let count = 1; count <= 20; count++) await signInWith(openBrowser(service), { token });
    expect((await first.call('/console/session')).status).toBe(401);
    const { rows } = await service.database.pool.query(
      `select count(*)::int as count from analytics.login_sessions where actor_id = 'many'`,
    );
    expect(rows).toEqual([{ count: 20 }]);
  });
});
