/** The console in a real browser, on a real service. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { HOUR, MINUTE } from '../../src/time.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { tokenOf, useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { hasChromium, signIn, useConsole } from './browser.ts';

describe('the console', skipUnless(hasChromium, 'needs Chromium'), () => {
  const service = useService({ ROLES: 'api,ingest,worker', PUBLIC_RATE_LIMIT_PER_MINUTE: '0' });
  const browser = useConsole(service);
  let admin = '';

  /** A time that is over, so that no number moves while a test looks at it. */
  const start = new Date(Math.floor(Date.now() / HOUR) * HOUR - 20 * HOUR);
  const end = new Date(start.getTime() + 12 * HOUR);
  const range = `${start.toISOString()}/${end.toISOString()}`;
  const address = (page: string, org = 'acme') => `${page}?org=${org}&range=${range}&tz=UTC`;

  beforeAll(async () => {
    admin = await tokenOf(['admin']);
    const events = Array.from({ length: 40 }, (_, index) =>
      makeUsage({
        ...{ orgId: 'acme', modelId: index % 3 === 0 ? 'model-large' : 'model-small' },
        occurredAt: new Date(start.getTime() + index * 15 * MINUTE).toISOString(),
        ...{ inputTokens: 1_000 + index, outputTokens: 100, costEstimateCents: 0.65 + index },
      }),
    );
    const { json } = await service.call('/analytics/v1/events', { body: events });
    expect(json).toMatchObject({ stored: 40 });
    const count = async () => expect((await usage()).totals.invocations).toBe(40);
    await vi.waitFor(count, { timeout: MINUTE, interval: 500 });
  });

  async function usage() {
    const time = `start=${start.toISOString()}&end=${end.toISOString()}&timezone=UTC`;
    return (await service.call(`/analytics/v1/orgs/acme/usage?${time}&granularity=none&groupBy=model`)).json;
  }

  /** The exact value of a tile. */
  function tile(page: Page, name: string) {
    return page.getByRole('region', { name, exact: true }).locator('[data-exact]').first();
  }

  describe('signing in', () => {
    test('by a token leads to the page that was asked for', async () => {
      const page = await browser.open(address('/usage'));
      await signIn(page, admin);
      await page.getByRole('heading', { name: 'Usage & spend' }).waitFor();
      expect(new URL(page.url()).searchParams.get('range')).toBe(range);
    });

    test('by an API key works, and signing out leads back', async () => {
      const body = { name: 'console', role: 'org_admin', orgs: ['acme'] };
      const { json } = await service.call('/analytics/v1/api-keys', { body });
      const page = await browser.openAs(json.key, '/');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      expect(new URL(page.url()).searchParams.get('org')).toBe('acme');
      await page
        .getByRole('button', { name: /console|key/ })
        .last()
        .click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in to Tidemark' }).waitFor();
    });

    test('with something else says why not', async () => {
      const page = await browser.openAs('nonsense', '/');
      expect(await page.getByRole('alert').textContent()).toContain('This is not an API key');
    });
  });

  test('panels equal the API', async () => {
    const { totals, series } = await usage();
    const page = await browser.openAs(admin, address('/'));
    await page.getByRole('region', { name: 'Spend', exact: true }).waitFor();
    const dollars = Number(
      await tile(page, 'Spend')
        .getAttribute('data-exact')
        .then((text) => text?.replace(/[$,]|US/g, '')),
    );
    expect(dollars).toBe(Number(totals.costUsd));
    expect(await tile(page, 'Requests').getAttribute('data-exact')).toBe('40');

    await page.goto(`${service.origin}/console${address('/usage')}`);
    for (const { modelId, invocations } of series) {
      const row = page.getByRole('row').filter({ has: page.getByRole('button', { name: modelId }) });
      await row.locator(`[data-exact="${invocations}"]`).waitFor();
    }
  });

  test('an org without calls is told so, with the next step', async () => {
    const page = await browser.openAs(admin, address('/usage', 'nobody'));
    await page.getByText('No calls in this time range').waitFor();
    await page.getByRole('button', { name: 'Show the last 30 days' }).click();
    await page.waitForURL(/range=30d/);
  });

  test('an error code of Reliability leads to its events', async () => {
    const failed = { status: 'error' as const, errorCode: 'rate_limited' };
    const events = [failed, failed, failed, {}, {}].map((outcome, index) =>
      makeUsage({
        ...{ orgId: 'shaky', modelId: 'model-small', ...outcome },
        occurredAt: new Date(start.getTime() + index * MINUTE).toISOString(),
      }),
    );
    const { json } = await service.call('/analytics/v1/events', { body: events });
    expect(json).toMatchObject({ stored: 5 });
    const time = `start=${start.toISOString()}&end=${end.toISOString()}&granularity=none`;
    const rate = async () =>
      (await service.call(`/analytics/v1/orgs/shaky/reliability?${time}`)).json.totals.errorRate;
    await vi.waitFor(async () => expect(await rate()).toBe(0.6), { timeout: MINUTE, interval: 500 });

    const page = await browser.openAs(admin, address('/reliability', 'shaky'));
    await page.getByRole('link', { name: 'rate_limited' }).click();
    await page.waitForURL(/\/events\?.*code=rate_limited/);
    const rows = page.getByRole('region', { name: 'Events, the newest first: table' }).locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(3);
    await rows.first().getByRole('button').click();
    await page.getByRole('dialog').getByText('Stored and counted').waitFor();
  });

  test('an event that the page does not show is explained', async () => {
    const event = makeUsage({ orgId: 'acme', occurredAt: new Date(end.getTime() + MINUTE).toISOString() });
    await service.call('/analytics/v1/events', { body: [event] });
    const page = await browser.openAs(admin, address('/events'));
    const ask = async (text: string) => {
      await page.getByLabel('Event or event id').fill(text);
      await page.getByRole('button', { name: 'Check' }).click();
    };
    await ask(event.eventId);
    await page.getByText('after the range of this page').waitFor();
    await ask('never-sent');
    await page.getByText('It was never seen.').waitFor();
    await ask(JSON.stringify({ ...event, latencyMs: -1 }));
    await page.getByText('$.latencyMs').waitFor();
  });

  test('what somebody may not see is said', async () => {
    const page = await browser.openAs(await tokenOf(['business_viewer'], ['acme']), address('/usage'));
    await page.getByText('You may not see this').first().waitFor();
  });
});
