import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { useService } from '../../support/service/service.ts';
import { type BasePathProxy, startProxy } from './base-path-proxy.ts';
import { type IdentityProvider, settingsOf, startIdentityProvider } from './identity-provider.ts';
import { openWalker, type Walker } from './walk.ts';

let proxy: BasePathProxy;
let provider: IdentityProvider;
const env: Record<string, string> = {};

beforeAll(async () => {
  proxy = await startProxy('/tidemark');
  provider = await startIdentityProvider({ publicUrl: proxy.publicUrl, inIdToken: true });
  Object.assign(env, {
    ...settingsOf(provider, proxy.publicUrl),
    OIDC_ROLE_MAP: 'platform=engineer,cn=controllers=finance,bots=ingest',
    SIGN_IN_RATE_LIMIT_PER_MINUTE: '1000',
  });
});
const service = useService(env);
beforeAll(() => {
  proxy.target = service.origin;
});
afterAll(async () => {
  proxy.stop();
  await provider.stop();
});
beforeEach(() => {
  provider.person = 'ada';
  provider.people.set('ada', { name: 'Ada', email: 'ada@example.com', roles: ['platform'], orgs: ['acme'] });
});

/** The pages of the console and the login page are where every walk ends. */
const AT_CONSOLE = /\/tidemark\/console\//;

function login(returnTo?: string): string {
  const query = returnTo === undefined ? '' : `?returnTo=${encodeURIComponent(returnTo)}`;
  return `${proxy.publicUrl}/auth/login${query}`;
}

function refused(reason: string): string {
  return `${proxy.publicUrl}/console/login?reason=${reason}`;
}

async function session(walker: Walker): Promise<unknown> {
  return (await walker.get(`${proxy.publicUrl}/console/session`)).json();
}

describe('a person signs in at the provider', () => {
  test('behind a proxy with a base path, and lands on the page that was asked for', async () => {
    const walker = openWalker();
    const { address } = await walker.open(login('/console/alerts/7?org=acme'), AT_CONSOLE);
    expect(address).toBe(`${proxy.publicUrl}/console/alerts/7?org=acme`);
    expect(await session(walker)).toMatchObject({
      actor: `${provider.issuer}#ada`,
      name: 'Ada',
      roles: ['engineer'],
      orgs: ['acme'],
      via: 'oidc',
    });
    const usage = await walker.get(`${proxy.publicUrl}/analytics/v1/orgs/acme/usage`);
    expect(usage.status).toBe(200);
  });

  test('and the login page is told the name of the provider', async () => {
    expect((await service.call('/console/sign-in', { token: null })).json).toEqual({
      oidc: { label: 'Example' },
      tokens: true,
      code: false,
    });
  });

  test('in two tabs at the same time, each with its own page', async () => {
    const walker = openWalker();
    const atProvider = new RegExp(`^${provider.issuer}/auth\\?`);
    const first = await walker.open(login('/console/usage'), atProvider);
    const second = await walker.open(login('/console/alerts'), atProvider);
    expect((await walker.open(first.address, AT_CONSOLE)).address).toBe(`${proxy.publicUrl}/console/usage`);
    expect((await walker.open(second.address, AT_CONSOLE)).address).toBe(`${proxy.publicUrl}/console/alerts`);
    const jar = walker.cookiesOf(new URL(proxy.publicUrl).origin);
    expect([...jar.keys()]).toEqual(['tidemark']);
  });

  test('with new roles at each sign-in, and none are kept from before', async () => {
    const walker = openWalker();
    await walker.open(login(), AT_CONSOLE);
    provider.people.set('ada', { roles: ['cn=controllers', 'unknown'], orgs: 'globex' });
    await walker.open(login(), AT_CONSOLE);
    expect(await session(walker)).toMatchObject({ name: 'ada', roles: ['finance'], orgs: ['globex'] });
  });

  test('and nobody else becomes that person by an e-mail address', async () => {
    const [ada, eve] = [openWalker(), openWalker()];
    await ada.open(login(), AT_CONSOLE);
    provider.person = 'eve';
    provider.people.set('eve', { email: 'ada@example.com', roles: ['platform'], orgs: ['acme'] });
    await eve.open(login(), AT_CONSOLE);
    expect(await session(eve)).toMatchObject({ actor: `${provider.issuer}#eve` });
    const listed = await (await eve.get(`${proxy.publicUrl}/analytics/v1/me/sessions`)).json();
    expect(listed).toEqual({ sessions: [expect.objectContaining({ current: true })] });
  });
});

describe('a person is refused, with the reason', () => {
  test.each([
    ['no_role', { roles: ['visitors'], orgs: ['acme'] }],
    ['no_role', { orgs: ['acme'] }],
    // The map decides alone: a group may be called as a role of ours.
    ['no_role', { roles: ['admin'], orgs: ['acme'] }],
    ['no_role', { roles: ['bots'], orgs: ['acme'] }],
    ['no_org', { roles: ['platform'], orgs: [] }],
    ['no_org', { roles: ['platform'], orgs: ['*'] }],
    ['no_org', { roles: ['platform'] }],
  ])('%s: %o', async (reason, person) => {
    provider.people.set('ada', person);
    const walker = openWalker();
    expect((await walker.open(login('/console/usage'), AT_CONSOLE)).address).toBe(refused(reason));
    expect((await walker.get(`${proxy.publicUrl}/console/session`)).status).toBe(401);
  });

  test('denied: the person cancels', async () => {
    provider.person = undefined;
    expect((await openWalker().open(login(), AT_CONSOLE)).address).toBe(refused('denied'));
  });

  test('expired: a callback that is opened again, even with its cookie', async () => {
    const walker = openWalker();
    const callback = await walker.open(login(), /\/auth\/callback/);
    const jar = walker.cookiesOf(new URL(proxy.publicUrl).origin);
    const before = [...jar];
    expect((await walker.open(callback.address, AT_CONSOLE)).address).toBe(`${proxy.publicUrl}/console/`);
    expect((await walker.open(callback.address, AT_CONSOLE)).address).toBe(refused('expired'));
    for (const [name, value] of before) jar.set(name, value);
    expect((await walker.open(callback.address, AT_CONSOLE)).address).toBe(refused('expired'));
  });

  test('expired: a callback of another browser, or with another state', async () => {
    const callback = await openWalker().open(login(), /\/auth\/callback/);
    expect((await openWalker().open(callback.address, AT_CONSOLE)).address).toBe(refused('expired'));
    const walker = openWalker();
    const own = new URL((await walker.open(login(), /\/auth\/callback/)).address);
    const state = own.searchParams.get('state') ?? '';
    own.searchParams.set('state', `${state.slice(0, -1)}${state.endsWith('A') ? 'B' : 'A'}`);
    expect((await walker.open(own.href, AT_CONSOLE)).address).toBe(refused('expired'));
  });

  test('expired: the code of another sign-in', async () => {
    const walker = openWalker();
    const [first, second] = [
      new URL((await walker.open(login(), /\/auth\/callback/)).address),
      new URL((await walker.open(login(), /\/auth\/callback/)).address),
    ];
    second.searchParams.set('code', first.searchParams.get('code') ?? '');
    expect((await walker.open(second.href, AT_CONSOLE)).address).toBe(refused('expired'));
  });

  test('and the audit log has who it was and why, without a secret', async () => {
    provider.people.set('ada', { roles: ['visitors'], orgs: ['acme'] });
    await openWalker().open(login(), AT_CONSOLE);
    const { rows } = await service.database.pool.query(
      `select actor_id, actor_via, org_id, after from analytics.audit_log
       where action = 'session.refuse' order by id desc limit 1`,
    );
    expect(rows).toEqual([
      {
        actor_id: `${provider.issuer}#ada`,
        actor_via: 'oidc',
        org_id: 'acme',
        after: { reason: expect.stringMatching(/^no_role: the claim roles/), address: '127.0.0.1' },
      },
    ]);
  });
});

test.each([
  'https://evil.example/console/',
  '//evil.example/console/',
  '/\\evil.example',
  '/console/../../evil',
  '/console\\..\\..\\evil',
  '/auth/logout',
  'javascript:alert(1)',
  '/%2e%2e/console',
  '\t//evil.example',
])('a return path of %o leads to the console', async (path) => {
  const elsewhere = /^[^?]*(\/tidemark\/console|\/auth\/logout|evil)|^javascript/;
  expect((await openWalker().open(login(path), elsewhere)).address).toBe(`${proxy.publicUrl}/console/`);
});

test('the callback address is that of PUBLIC_URL, whatever the request says', async () => {
  const answer = await fetch(`${service.origin}/auth/login`, {
    redirect: 'manual',
    headers: {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    },
  });
  const url = new URL(answer.headers.get('location') ?? '');
  expect(url.searchParams.get('redirect_uri')).toBe(`${proxy.publicUrl}/auth/callback`);
  expect(url.searchParams.get('code_challenge_method')).toBe('S256');
});

describe('signing out', () => {
  test('ends the session, and leads to the page of the provider with the ID token', async () => {
    const walker = openWalker();
    await walker.open(login(), AT_CONSOLE);
    const jar = walker.cookiesOf(new URL(proxy.publicUrl).origin);
    const stolen = jar.get('tidemark');
    const answer = await walker.get(`${proxy.publicUrl}/auth/logout`);
    const url = new URL(answer.headers.get('location') ?? '');
    expect(url.origin + url.pathname).toBe(`${provider.issuer}/session/end`);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${proxy.publicUrl}/console/login`);
    expect(url.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
    const page = await walker.get(url.href);
    expect([page.status, await page.text()]).toEqual([200, expect.stringMatching(/op\.logoutForm/)]);
    expect(jar.has('tidemark')).toBe(false);
    jar.set('tidemark', stolen ?? '');
    expect((await walker.get(`${proxy.publicUrl}/console/session`)).status).toBe(401);
  });

  test('is not done for another site', async () => {
    const walker = openWalker();
    await walker.open(login(), AT_CONSOLE);
    const headers = { 'sec-fetch-site': 'cross-site' };
    const answer = await walker.get(`${proxy.publicUrl}/auth/logout`, { headers });
    expect(answer.headers.get('location')).toBe(refused('other_site'));
    expect((await walker.get(`${proxy.publicUrl}/console/session`)).status).toBe(200);
  });

  test('by a form, of a browser that is not signed in, leads to the login page', async () => {
    const answer = await openWalker().get(`${proxy.publicUrl}/auth/logout`, {
      method: 'POST',
      body: new URLSearchParams(),
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      302,
      `${proxy.publicUrl}/console/login`,
    ]);
  });
});

test('a browser with many unfinished sign-ins keeps few of their cookies', async () => {
  const walker = openWalker();
  for (let tab = 0; tab < 30; tab++) await walker.get(login());
  expect(walker.cookiesOf(new URL(proxy.publicUrl).origin).size).toBeLessThanOrEqual(9);
});
