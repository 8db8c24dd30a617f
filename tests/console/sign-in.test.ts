/** The ways into the console, in a real browser: behind a proxy with a base path, with a real provider. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BasePathProxy, startProxy } from '../auth/sign-in/base-path-proxy.ts';
import {
  type IdentityProvider,
  settingsOf,
  startIdentityProvider,
} from '../auth/sign-in/identity-provider.ts';
import { runCommand } from '../support/service/run-command.ts';
import { JWT_SECRET, useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { hasChromium, useConsole } from './browser.ts';

describe('signing in to the console', skipUnless(hasChromium, 'needs Chromium'), () => {
  let proxy: BasePathProxy;
  let provider: IdentityProvider;
  const env: Record<string, string> = {};
  beforeAll(async () => {
    proxy = await startProxy('/tidemark');
    provider = await startIdentityProvider({ publicUrl: proxy.publicUrl, inIdToken: true });
    Object.assign(env, settingsOf(provider, proxy.publicUrl));
  });
  const service = useService(env);
  const browser = useConsole(service, () => ({ origin: proxy.publicUrl, others: [provider.issuer] }));
  beforeAll(() => {
    proxy.target = service.origin;
    provider.people.set('ada', { name: 'Ada', roles: ['engineer'], orgs: ['acme'] });
    provider.people.set('eve', { name: 'Eve', orgs: ['acme'] });
  });
  afterAll(async () => {
    proxy?.stop();
    await provider?.stop();
  });

  async function continueAs(person: string | undefined) {
    provider.person = person;
    const page = await browser.open('/usage?org=acme');
    await page.getByRole('link', { name: 'Continue with Example' }).click();
    return page;
  }

  test('by the provider leads to the page that was asked for, and out again', async () => {
    const page = await continueAs('ada');
    await page.getByRole('heading', { name: 'Usage & spend' }).waitFor();
    expect(page.url()).toMatch(`${proxy.publicUrl}/console/usage?org=acme`);
    await page.getByRole('button', { name: 'Ada' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Tidemark' }).waitFor();
  });

  test.each([
    ['without a role', 'eve', 'Your account has no role in Tidemark'],
    ['who cancels', undefined, 'The provider refused, or you cancelled'],
  ])('somebody %s is told why not', async (_who, person, reason) => {
    const page = await continueAs(person);
    await page.getByRole('alert').filter({ hasText: reason }).waitFor();
  });

  test('by the link of `tidemark login` works once', async () => {
    const settings = { DATABASE_URL: service.database.url, JWT_SECRET, PUBLIC_URL: proxy.publicUrl };
    const { output } = await runCommand(['login', '--org', 'acme'], {
      ...settings,
      PATH: process.env.PATH ?? '',
    });
    const link = /http\S+/.exec(output)?.[0] ?? '';
    const page = await browser.open(link.replace(`${proxy.publicUrl}/console`, ''));
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const again = await browser.open(link.replace(`${proxy.publicUrl}/console`, ''));
    await again.getByRole('alert').filter({ hasText: 'works once' }).waitFor();
  });
});
