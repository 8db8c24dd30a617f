import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oidcSettingsOf } from '../../../src/auth/sessions/oidc/settings.ts';
import { loadConfig } from '../../../src/config.ts';
import { useDatabase } from '../../support/database/database.ts';
import { tokenOf, useService } from '../../support/service/service.ts';
import { openBrowser, signInWith } from './browser.ts';
import { type IdentityProvider, settingsOf, startIdentityProvider } from './identity-provider.ts';
import { openWalker } from './walk.ts';

const database = useDatabase();

describe('a provider that gives claims at its userinfo endpoint only', () => {
  let userinfo: IdentityProvider;
  const settings: Record<string, string> = {};
  beforeAll(async () => {
    userinfo = await startIdentityProvider({ publicUrl: 'http://localhost:9', inIdToken: false });
    Object.assign(settings, {
      ...settingsOf(userinfo, 'http://localhost:9'),
      OIDC_ROLES_CLAIM: 'realm_access.roles',
      OIDC_DEFAULT_ROLE: 'business_viewer',
    });
  });
  afterAll(() => userinfo.stop());
  const other = useService(settings, database);

  /** The address of PUBLIC_URL leads to the service. */
  async function signInAs(person: object) {
    userinfo.person = 'kim';
    userinfo.people.set('kim', { name: 'Kim', orgs: ['acme'], ...person });
    const walker = openWalker();
    const begun = await walker.get(`${other.origin}/auth/login`);
    const callback = await walker.open(begun.headers.get('location') ?? '', /\/auth\/callback/);
    const answer = await walker.get(callback.address.replace('http://localhost:9', other.origin));
    expect(answer.headers.get('location')).toBe('http://localhost:9/console/');
    return (await walker.get(`${other.origin}/console/session`)).json();
  }

  test('is asked there, and a path leads into a claim', async () => {
    const kim = await signInAs({ realm_access: { roles: ['engineer', 'offline_access'] } });
    expect(kim).toMatchObject({ name: 'Kim', roles: ['engineer'], orgs: ['acme'] });
  });

  test('and whoever has no role gets the default role, if there is one', async () => {
    expect(await signInAs({})).toMatchObject({ roles: ['business_viewer'] });
    expect(await signInAs({ realm_access: { roles: ['offline_access'] } })).toMatchObject({
      roles: ['business_viewer'],
    });
  });
});

describe('while the provider is down', () => {
  const broken: Record<string, string> = {
    PUBLIC_URL: 'https://tidemark.example.com',
    OIDC_ISSUER: 'http://127.0.0.1:1',
    OIDC_CLIENT_ID: 'x',
    OIDC_DEFAULT_ROLE: 'engineer',
  };
  const other = useService(broken, database);

  test('the service starts, the login page says so, and other ways work', async () => {
    const answer = await fetch(`${other.origin}/auth/login`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe(
      'https://tidemark.example.com/console/login?reason=provider_unavailable',
    );
    const { json } = await signInWith(openBrowser(other), { token: await tokenOf(['engineer'], ['acme']) });
    expect(json.actor).toBe('test');
  });
});

describe('settings of a provider', () => {
  const good = {
    PUBLIC_URL: 'https://tidemark.example.com/base/',
    OIDC_ISSUER: 'https://login.example.com',
    OIDC_CLIENT_ID: 'tidemark',
  };
  const read = (env: Record<string, string>) => oidcSettingsOf(loadConfig({ ...good, ...env }));

  test('are read, and groups may have an equals sign', () => {
    expect(read({ OIDC_ROLE_MAP: 'cn=ops=engineer, fin=finance,cn=ops=finance' })).toMatchObject({
      publicUrl: 'https://tidemark.example.com/base',
      roleMap: new Map([
        ['cn=ops', ['engineer', 'finance']],
        ['fin', ['finance']],
      ]),
      defaultRole: undefined,
      scopes: 'openid profile email',
    });
    expect(oidcSettingsOf(loadConfig({}))).toBeUndefined();
  });

  test.each([
    [{ OIDC_CLIENT_ID: '' }, /OIDC_CLIENT_ID: and OIDC_ISSUER belong together/],
    [{ PUBLIC_URL: '' }, /PUBLIC_URL: is required with OIDC_ISSUER/],
    [{ PUBLIC_URL: 'http://tidemark.example.com' }, /PUBLIC_URL: must start with https/],
    [{ OIDC_ISSUER: 'http://login.example.com' }, /OIDC_ISSUER: must start with https/],
    [{ OIDC_DEFAULT_ROLE: 'king' }, /OIDC_DEFAULT_ROLE: "king" is no role/],
    [{ OIDC_ROLE_MAP: 'ops=king' }, /OIDC_ROLE_MAP: "king" is no role; each must be one of admin/],
    [{ OIDC_ROLE_MAP: 'ops' }, /OIDC_ROLE_MAP: "ops" is not valid; give value=role/],
    [{ OIDC_SCOPES: 'profile' }, /OIDC_SCOPES: "profile" is not valid; give scopes/],
  ])('%o are refused by name', (env, why) => {
    expect(() => read(env)).toThrow(why);
  });
});
