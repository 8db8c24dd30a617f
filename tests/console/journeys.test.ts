/** What people do in the console from end to end, in a real browser on a real service. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeUsage } from '../support/events/fixtures.ts';
import { exported, useFolder } from '../support/exports/exports.ts';
import { tokenOf, useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { hasChromium, useConsole } from './browser.ts';
import { type Seeded, seedDemo, timeOf } from './seed.ts';

describe('in the console', skipUnless(hasChromium, 'needs Chromium'), async () => {
  const service = useService({
    ...{ ROLES: 'api,ingest,worker', PUBLIC_RATE_LIMIT_PER_MINUTE: '0', EXPORT_DIR: await useFolder() },
  });
  const browser = useConsole(service);
  let admin = '';
  let seeded: Seeded;

  beforeAll(async () => {
    admin = await tokenOf(['admin']);
    seeded = await seedDemo(service, admin);
  });

  async function open(path: string, org = 'acme'): Promise<Page> {
    const page = await (await browser.contextOf(admin)).newPage();
    await page.goto(
      `/console${path}${path.includes('?') ? '&' : '?'}org=${org}&range=${seeded.range}&tz=UTC`,
    );
    return page;
  }

  async function answer(path: string) {
    const { status, json } = await service.call(`${path}${path.includes('?') ? '&' : '?'}${timeOf(seeded)}`);
    expect(status).toBe(200);
    return json;
  }

  describe('every number equals the API to the digit', () => {
    test('on Overview', async () => {
      const usage = await answer('/analytics/v1/orgs/acme/usage?granularity=none');
      const { totals } = await answer('/analytics/v1/orgs/acme/reliability?granularity=none');
      const page = await open('/');
      expect(await tile(page, 'Spend')).toBe(Number(usage.totals.costUsd));
      expect(await tile(page, 'Requests')).toBe(usage.totals.invocations);
      expect(await tile(page, 'Error rate')).toBeCloseTo(totals.errorRate * 100, 5);
      expect(await tile(page, 'Latency, p95')).toBeCloseTo(totals.latencyMs.p95, 2);
    });

    test('on Usage', async () => {
      const { series, totals } = await answer('/analytics/v1/orgs/acme/usage?granularity=none&groupBy=model');
      const page = await open('/usage');
      const rows = [...series, { ...totals, modelId: 'Total' }];
      expect(rows.length).toBeGreaterThan(2);
      for (const one of rows) {
        const shown = await exacts(page.getByRole('row').filter({ hasText: one.modelId }).first());
        expect(shown).toEqual(
          expect.arrayContaining([
            ...[Number(one.costUsd), one.invocations, one.inputTokens, one.outputTokens],
          ]),
        );
      }
    });

    test('on Reliability', async () => {
      const { series } = await answer('/analytics/v1/orgs/acme/reliability?granularity=none&groupBy=model');
      const page = await open('/reliability');
      const table = page.getByRole('region', { name: 'Slowest models', exact: true });
      for (const { modelId, latencyMs, invocations } of series) {
        const row = table
          .getByRole('row')
          .filter({ has: page.getByRole('link', { name: modelId, exact: true }) });
        const shown = await exacts(row);
        const { p50, p95, p99 } = latencyMs;
        const rounded = [p50, p95, p99].map((value) => Math.round(value * 1_000) / 1_000);
        expect(shown).toEqual(expect.arrayContaining([...rounded, invocations]));
      }
    });

    test('on Business', async () => {
      const overview = await answer('/api/v1/analytics/business/overview?orgId=atelier');
      const page = await open('/business', 'atelier');
      expect(await tile(page, 'Orders')).toBe(overview.orders.value);
      expect(await tile(page, 'Customers')).toBe(overview.customers.value);
      for (const { currency, revenueCents, minorUnitDecimals } of overview.byCurrency) {
        expect(await tile(page, `Revenue, ${currency}`)).toBe(revenueCents.value / 10 ** minorUnitDecimals);
      }
    });
  });

  test('a rule is made, previewed, and fires; its alert is acknowledged by keys alone, from the sign-in on', async () => {
    const editor = await open('/rules/new');
    await editor.getByLabel('Metric').selectOption('usage.errors');
    await editor.getByLabel('Threshold').fill('0');
    await editor.getByLabel('Duration before it fires').selectOption('0');
    await editor.getByLabel('Name').fill('Any failed call');
    await editor.getByText('More settings').click();
    await editor.getByLabel('Evaluated as soon as events arrive').check();
    await editor.getByText(/Would have fired/).waitFor();
    await editor.getByRole('button', { name: 'Create the rule' }).click();
    await editor.waitForURL(/\/rules\/[0-9a-f-]{36}/);
    const failed = { orgId: 'acme', modelId: 'gpt-4o', status: 'error', errorCode: 'oops' } as const;
    const event = makeUsage({ ...failed, occurredAt: new Date().toISOString() });
    expect((await service.call('/analytics/v1/events', { body: [event] })).json).toMatchObject({ stored: 1 });

    const page = await browser.open('/alerts?org=acme');
    const { keyboard } = page;
    await page.getByLabel('Token or API key').waitFor();
    await tabTo(page, 'document.activeElement instanceof HTMLInputElement');
    await keyboard.insertText(admin);
    await keyboard.press('Enter');
    await page.getByText('Any failed call').first().waitFor();
    await tabTo(page, `document.activeElement.closest('[data-alert]') !== null`);
    await keyboard.press('a');
    await page.getByText('1 alert acknowledged.').waitFor();
    const { json } = await service.call('/api/v1/analytics/alerts/history?orgId=acme');
    expect(json.alerts).toMatchObject([{ name: 'Any failed call', workflow: 'acknowledged' }]);
  });

  test('a downloaded export has the checksum that the page shows', async () => {
    const { start, end } = seeded;
    const timeRange = { start: start.toISOString(), end: end.toISOString() };
    await exported(service, 'acme', { timeRange, dataset: 'usage', granularity: 'hourly' });
    const page = await open('/exports');
    await page.getByText('0 difference').waitFor();
    const sum = await page.getByRole('button', { name: 'Copy SHA-256' }).getAttribute('title');
    const link = page.getByRole('link', { name: /^csv/i });
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const file = await readFile(await download.path());
    expect(file.length).toBeGreaterThan(100);
    expect(createHash('sha256').update(file).digest('hex')).toBe(sum);
  });
});

/** The exact number of a tile. */
async function tile(page: Page, name: string): Promise<number | undefined> {
  const [number] = await exacts(page.getByRole('region', { name, exact: true }));
  return number;
}

/** The exact numbers of a part of a page, in their order. */
async function exacts(part: Locator): Promise<number[]> {
  await part.locator('[data-exact]').first().waitFor();
  const texts = await part
    .locator('[data-exact]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-exact') ?? ''));
  return texts.map((text) => Number(text.replace(/[^\d.]/g, '')));
}

/** Presses Tab until this holds in the page. */
async function tabTo(page: Page, isThere: string): Promise<void> {
  for (let pressed = 0; pressed < 80; pressed += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(isThere)) return;
  }
  throw new Error('Tab does not reach it');
}
