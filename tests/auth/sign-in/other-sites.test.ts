import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendRaw } from '../../support/service/raw-http.ts';
import { tokenOf, useService } from '../../support/service/service.ts';
import { type Browser, openBrowser, signInWith } from './browser.ts';

const service = useService();
let browser: Browser;
beforeAll(async () => {
  browser = openBrowser(service);
  await signInWith(browser, { token: await tokenOf(['admin']) });
});

const key = { name: 'made by a browser', role: 'ingest', orgs: ['acme'] };

/** A change with the cookie of the browser, and these headers alone. */
function change(headers: Record<string, string>, body: unknown = key) {
  const cookie = `tidemark=${browser.cookies.get('tidemark')}`;
  return service.call('/analytics/v1/api-keys', {
    method: 'POST',
    token: null,
    headers: { cookie, ...headers },
    body,
  });
}

describe('with the cookie of a session, a change', () => {
  test('is accepted from the console', async () => {
    expect((await change({ 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    expect((await change({ origin: service.origin })).status).toBe(201);
  });

  test.each([
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of another site that names our origin', { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1' }],
    ['of a site below the same domain', { 'sec-fetch-site': 'same-site' }],
    ['of another origin', { origin: 'https://evil.example' }],
    ['of another port', { origin: 'http://127.0.0.1:9' }],
    ['of a page without an origin', { origin: 'null' }],
    ['that does not say where it comes from', {}],
  ])('%s is refused', async (_what, headers) => {
    expect(await change(headers)).toMatchObject({
      status: 403,
      json: { code: 'forbidden', detail: expect.stringMatching(/must come from the console/) },
    });
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'TEXT/PLAIN;a=b',
  ])('as a form could send it (%s) is refused', async (type) => {
    const headers = { 'sec-fetch-site': 'same-origin', 'content-type': type };
    expect(await change(headers, JSON.stringify(key))).toMatchObject({
      status: 403,
      json: { errors: [{ path: 'content-type', message: 'must be application/json' }] },
    });
  });

  test('of another site needs no protection with a token or an API key', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const made = await service.call('/analytics/v1/api-keys', {
      headers,
      body: { ...key, role: 'engineer' },
    });
    expect(made.status).toBe(201);
    const answer = await service.call('/analytics/v1/orgs/acme/usage', {
      token: null,
      headers: {
        ...headers,
        'x-api-key': made.json.key,
        cookie: `tidemark=${browser.cookies.get('tidemark')}`,
      },
    });
    expect(answer.status).toBe(200);
  });

  test('is not made: the refused ones have left nothing', async () => {
    const { rows } = await service.database.pool.query(
      `select count(*)::int as count from analytics.api_keys where name = $1 and role = 'ingest'`,
      [key.name],
    );
    expect(rows).toEqual([{ count: 2 }]);
  });
});

test('another site can neither sign a browser in nor out', async () => {
  const token = await tokenOf(['admin'], [], 'mallory');
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-site' },
  ]) {
    const signIn = await browser.call('/console/session', { method: 'POST', body: { token }, headers });
    expect(signIn.status).toBe(403);
    expect((await browser.call('/console/session', { method: 'DELETE', headers })).status).toBe(403);
  }
  expect((await browser.call('/console/session')).json).toMatchObject({ actor: 'test' });
});

test('a token wins over the cookie of a browser', async () => {
  const { json } = await service.call('/analytics/v1/me', {
    token: await tokenOf(['finance'], ['acme'], 'tok'),
    headers: { cookie: `tidemark=${browser.cookies.get('tidemark')}` },
  });
  expect(json.id).toBe('tok');
});

describe('over a network without HTTPS', () => {
  test('no browser is signed in, because others could read its cookie', async () => {
    const answer = await openBrowser(service).call('/console/session', {
      method: 'POST',
      body: { token: await tokenOf(['admin']) },
      headers: { origin: 'http://10.1.2.3:8084' },
    });
    expect(answer).toMatchObject({ status: 403, json: { detail: expect.stringMatching(/HTTPS/) } });
  });

  test('the cookie of plain HTTP counts on this machine alone', async () => {
    const raw = await sendRaw(
      service.origin,
      `GET /console/session HTTP/1.1\r\nHost: 10.1.2.3:8084\r\nCookie: tidemark=${browser.cookies.get('tidemark')}\r\nConnection: close\r\n\r\n`,
    );
    expect(raw).toMatch(/^HTTP\/1.1 401/);
  });
});

describe('with PUBLIC_URL over HTTPS', () => {
  const other = useService({ PUBLIC_URL: 'https://tidemark.example.com/base' }, service.database);

  test('the cookie is for that host alone, over HTTPS alone', async () => {
    const inside = openBrowser(other);
    const headers = { origin: 'https://tidemark.example.com' };
    const answer = await inside.call('/console/session', {
      method: 'POST',
      body: { token: await tokenOf(['admin']) },
      headers,
    });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-tidemark=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/,
    );
    const withoutSite = {
      method: 'DELETE',
      headers: { cookie: `__Host-tidemark=${inside.cookies.get('__Host-tidemark')}` },
    };
    const from = (origin: string) =>
      other.call('/analytics/v1/me/sessions', {
        ...withoutSite,
        token: null,
        headers: { ...withoutSite.headers, origin },
      });
    expect((await from('http://tidemark.example.com')).status).toBe(403);
    expect((await from('https://tidemark.example.com')).status).toBe(200);
  });
});

describe('a service for this machine alone', () => {
  const local: Record<string, string> = { JWT_SECRET: '' };
  beforeAll(async () => {
    local.DATA_DIR = await mkdtemp(join(tmpdir(), 'tidemark-local-'));
  });
  afterAll(() => rm(local.DATA_DIR ?? '', { recursive: true }));
  const other = useService(local, service.database);

  async function statusFor(host: string, line: string, headers: string, body = ''): Promise<number> {
    const head = `${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n\r\n`;
    return Number((await sendRaw(other.origin, head + body)).split(' ', 2)[1]);
  }
  const signIn = (host: string) =>
    statusFor(host, 'POST /console/session', 'Content-Type: application/json\r\nContent-Length: 2', '{}');

  test.each(['127.0.0.1:8084', 'localhost', '[::1]:8084', 'tidemark.localhost:1'])(
    'is reached as %s',
    async (host) => expect(await signIn(host)).toBe(400),
  );

  test.each([
    'evil.example',
    'evil.example:8084',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1',
  ])('refuses %s, whose name may point here (DNS rebinding)', async (host) => {
    expect(await signIn(host)).toBe(403);
    const cookie = `tidemark=${'a'.repeat(43)}; __Host-tidemark=${'a'.repeat(43)}`;
    expect(await statusFor(host, 'GET /analytics/v1/me', `Cookie: ${cookie}`)).toBe(403);
  });

  test('says that the start prints a link', async () => {
    expect((await other.call('/console/sign-in', { token: null })).json).toMatchObject({
      code: true,
      oidc: null,
    });
  });
});

describe('attempts to sign in', () => {
  const other = useService({ SIGN_IN_RATE_LIMIT_PER_MINUTE: '3' }, service.database);

  test('are limited by address', async () => {
    const attempt = () =>
      openBrowser(other).call('/console/session', { method: 'POST', body: { code: 'x' } });
    const statuses = [];
    for (let count = 0; count < 5; count++) statuses.push((await attempt()).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    const answer = await fetch(`${other.origin}/auth/callback?state=x`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe('../console/login?reason=rate_limited');
  });
});
