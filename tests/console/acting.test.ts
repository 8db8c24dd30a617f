/** What the pages let people do beyond looking, in a real browser on a real service. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { makeUsage } from '../support/events/fixtures.ts';
import { tokenOf, useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { hasChromium, useConsole } from './browser.ts';
import { fireAlert, type Seeded, seedDemo } from './seed.ts';

describe('in the console', skipUnless(hasChromium, 'needs Chromium'), () => {
  const service = useService({ ROLES: 'api,ingest,worker', PUBLIC_RATE_LIMIT_PER_MINUTE: '0' });
  const browser = useConsole(service);
  const patience = { timeout: 30_000, interval: 200 };
  let admin = '';
  let seeded: Seeded;

  beforeAll(async () => {
    admin = await tokenOf(['admin']);
    seeded = await seedDemo(service, admin);
  }, 120_000);

  async function open(path: string, org = 'acme'): Promise<Page> {
    const page = await (await browser.contextOf(admin)).newPage();
    const separator = path.includes('?') ? '&' : '?';
    await page.goto(`/console${path}${separator}org=${org}&range=${seeded.range}&tz=UTC`);
    return page;
  }

  test('another percentile is drawn, is in the address, and in the CSV', async () => {
    const page = await open('/reliability');
    const latency = page.getByRole('region', { name: 'Latency', exact: true });
    await latency.getByRole('button', { name: 'p99.9', exact: true }).click();
    await page.waitForURL(/percentiles=p50,p95,p99,p99.9/);
    await latency.getByRole('listitem').filter({ hasText: 'p99.9' }).waitFor();
    const href = await latency.getByRole('link', { name: 'Download CSV' }).getAttribute('href');
    expect(new URL(href ?? '', service.origin).searchParams.get('percentile')).toBe('p50,p95,p99,p99.9');
    await latency.getByRole('button', { name: 'p99.9', exact: true }).click();
    await page.waitForURL((url) => !url.searchParams.has('percentiles'));
  });

  test('an alert is snoozed for its group alone', async () => {
    const event = makeUsage({ orgId: 'acme', occurredAt: new Date().toISOString() });
    const id = await fireAlert(service, admin, event);
    const page = await open(`/alerts/${id}`);
    await page.getByRole('button', { name: 'Snooze' }).click();
    await page.getByRole('button', { name: 'For 4 hours' }).click();
    await page.getByText('Nobody is told until').waitFor();
    const path = '/api/v1/analytics/alerts/silences?orgId=acme';
    const { silences } = (await service.call(path, { token: admin })).json;
    expect(silences).toMatchObject([{ rules: ['Any call'], labels: {}, state: 'active' }]);
    const hours = (Date.parse(silences[0].endsAt) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(3.8);
    expect(hours).toBeLessThanOrEqual(4);
  });

  test('the rule editor holds the place of its buttons until it knows who looks', async () => {
    const page = await (await browser.contextOf(admin)).newPage();
    const held = Promise.withResolvers<void>();
    let isBack = false;
    await page.route('**/analytics/v1/me', async (route) => {
      await held.promise;
      await (isBack ? route.continue() : route.fulfill({ status: 503, body: '' })).catch(() => {});
    });
    await page.goto(`/console/rules/new?org=acme&range=${seeded.range}&tz=UTC`);
    const card = page.getByRole('region', { name: 'New rule' });
    await card.getByLabel('Metric').waitFor();
    await card.getByText('Loading', { exact: true }).waitFor({ state: 'attached' });
    expect(await card.getByText('and not change it').count()).toBe(0);
    held.resolve();
    const again = card.getByRole('button', { name: 'Try again' });
    await again.waitFor();
    expect(await card.getByText('and not change it').count()).toBe(0);
    isBack = true;
    await again.click();
    await card.getByRole('button', { name: 'Create the rule' }).waitFor();
  });

  test('a new rule asks for its name once the name was left empty or the rule is to be created', async () => {
    const page = await open('/rules/new');
    const asked = page.getByText('Give the rule a name.');
    const name = page.getByLabel('Name', { exact: true });
    const create = page.locator('button:enabled', { hasText: 'Create the rule' });
    await create.waitFor();
    expect(await asked.count()).toBe(0);
    await create.click();
    await asked.waitFor();
    expect(await name.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
    await name.fill('Errors');
    await asked.waitFor({ state: 'detached' });
    await name.fill('');
    await asked.waitFor();

    await page.reload();
    await create.waitFor();
    await name.focus();
    expect(await asked.count()).toBe(0);
    await name.blur();
    await asked.waitFor();
  });

  test('figures of system health are in rows of the same length, with their values on one line', async () => {
    const page = await open('/health');
    await page.setViewportSize({ width: 1440, height: 900 });
    for (const name of ['Requests', 'Longest transaction']) {
      const list = page.locator('main dl', { has: page.locator('dt', { hasText: name }) }).first();
      await list.waitFor();
      const tops = await list
        .locator('dd')
        .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
      const lengths = [...new Set(tops)].map((top) => tops.filter((other) => other === top).length);
      expect(new Set(lengths).size, `${name}: ${lengths}`).toBe(1);
    }
  });

  test('a price shows what the calls of the last 30 days would have cost', async () => {
    const path = '/analytics/v1/orgs/*/usage?granularity=none&modelId=gpt-4o-mini';
    const { totals } = (await service.call(path, { token: admin })).json;
    const page = await open('/prices');
    await page.getByRole('button', { name: 'New price', exact: true }).first().click();
    await page.getByLabel('Model', { exact: true }).fill('gpt-4o-mini');
    await page.getByLabel('$ for 1M input tokens').fill('3');
    await page.getByLabel('$ for each call').fill('0.5');
    const effect = page.getByRole('dialog').getByRole('status');
    await effect.getByText('calls of all organisations in the last 30 days').waitFor();
    const [costs, wouldCost] = await effect
      .locator('[data-exact]')
      .evaluateAll((all) =>
        all.map((one) =>
          Number((one as unknown as { dataset: { exact: string } }).dataset.exact.replace(/[^\d.]/g, '')),
        ),
      );
    expect(costs).toBeCloseTo(Number(totals.costUsd), 4);
    expect(wouldCost).toBeCloseTo((3 * totals.inputTokens) / 1_000_000 + 0.5 * totals.invocations, 2);
  });

  test('an org without events is filled with a demo, once', async () => {
    const page = await open('/get-started', 'newcomer');
    await page.getByRole('button', { name: 'Fill with a demo' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send them' }).click();
    await page
      .getByText(/^First event /)
      .first()
      .waitFor();
    const count = async () =>
      (await service.call('/analytics/v1/orgs/newcomer/usage?granularity=none', { token: admin })).json.totals
        .invocations;
    await vi.waitFor(async () => expect(await count()).toBe(1_000), patience);
    await page.getByRole('button', { name: 'Fill with a demo' }).waitFor({ state: 'detached' });
  });

  test('what waits leads to the section of the runbook about it', async () => {
    await service.database.pool.query(
      `insert into analytics.notification_outbox
         (notice, org_id, channel, recipient, severity, payload, status, detected_at, not_before)
       values ('firing', 'acme', 'webhook', 'gone', 'warning', '{}', 'dead', now(), now())`,
    );
    const page = await open('/health', '*');
    const row = page.getByRole('row').filter({ hasText: 'Notices given up, webhook' });
    await row.getByRole('link', { name: 'What to do' }).click();
    await page.getByRole('heading', { name: 'TidemarkChannelFailing' }).waitFor();
    await page.getByRole('link', { name: 'TidemarkRabbitmqAway' }).click();
    await page.getByRole('heading', { name: 'TidemarkRabbitmqAway' }).waitFor();
  });

  test('all orgs together lead to each of them', async () => {
    const page = await open('/', '*');
    const table = page.getByRole('region', { name: 'Organisations', exact: true });
    await table.getByRole('link', { name: 'globex' }).click();
    await page.waitForURL(/org=globex/);
    const chosen = await open('/events', '*');
    await chosen.getByRole('main').getByRole('button', { name: 'acme' }).click();
    await chosen.waitForURL(/org=acme/);
  });

  test.each(['/usage', '/alerts'])(
    '%s has a print sheet: what it is about, and nothing to press',
    async (path) => {
      const page = await open(path);
      await page.getByRole('region').first().waitFor();
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      await page.getByText(/^acme · /).waitFor();
      expect(await page.getByRole('navigation').count()).toBe(0);
      expect(await page.getByRole('button', { name: 'View as table' }).count()).toBe(0);
      expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe(
        'rgb(255, 255, 255)',
      );
      expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
    },
  );
});
