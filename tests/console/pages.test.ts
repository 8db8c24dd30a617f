/** Every page of the console in every state, in a real browser on a real service. */
import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { HOUR } from '../../src/time.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useFolder } from '../support/exports/exports.ts';
import { tokenOf, useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { hasChromium, useConsole } from './browser.ts';
import { fireAlert, type Seeded, seedDemo } from './seed.ts';

interface Tried {
  path: string;
  /** What the page shows of the demo. */
  shows: string | RegExp;
  /** What it says of an org without events; nothing, if it has no part of its own for that. */
  empty?: string;
  /** Whose browser is told that it may not see it; nobody's, if everybody may. */
  forbiddenTo?: 'business_viewer' | 'engineer' | 'finance';
  /** It asks nothing of the API. */
  isStatic?: true;
}

const pages: readonly Tried[] = [
  { path: '/', shows: 'gpt-4o-mini', empty: 'No alert is active', forbiddenTo: 'business_viewer' },
  { path: '/?org=*', shows: 'Last event' },
  {
    path: '/usage',
    shows: 'Output tokens',
    empty: 'No calls in this time range',
    forbiddenTo: 'business_viewer',
  },
  { path: '/reliability', shows: 'Slowest models', forbiddenTo: 'business_viewer' },
  { path: '/events', shows: 'support-chat', forbiddenTo: 'business_viewer' },
  { path: '/alerts', shows: 'Any call', empty: 'No alert is active', forbiddenTo: 'business_viewer' },
  { path: '/alerts/:alert', shows: 'Who was told', forbiddenTo: 'business_viewer' },
  { path: '/rules', shows: 'Any call', empty: 'No rule yet', forbiddenTo: 'business_viewer' },
  { path: '/rules/new', shows: 'Would have fired', forbiddenTo: 'business_viewer' },
  { path: '/silences', shows: 'Planned work', empty: 'Nothing is silenced', forbiddenTo: 'business_viewer' },
  { path: '/notifications', shows: 'Fires', forbiddenTo: 'business_viewer' },
  { path: '/notifications?tab=preferences', shows: 'No preference yet', forbiddenTo: 'business_viewer' },
  { path: '/notifications?tab=channels', shows: 'Microsoft Teams' },
  { path: '/notifications?tab=deliveries', shows: 'Deliveries', forbiddenTo: 'business_viewer' },
  { path: '/notifications?tab=webhooks', shows: 'Webhooks', forbiddenTo: 'business_viewer' },
  { path: '/ml', shows: 'descriptions', forbiddenTo: 'business_viewer' },
  { path: '/business?org=atelier', shows: 'Customers', forbiddenTo: 'engineer' },
  { path: '/business?org=atelier&tab=sales', shows: 'Revenue in EUR', forbiddenTo: 'engineer' },
  { path: '/business?org=atelier&tab=products', shows: 'Bought of viewed', forbiddenTo: 'engineer' },
  { path: '/business?org=atelier&tab=collections', shows: 'Signature', forbiddenTo: 'engineer' },
  { path: '/business?org=atelier&tab=funnel', shows: 'Checkout', forbiddenTo: 'engineer' },
  { path: '/exports', shows: 'Files', empty: 'No export yet', forbiddenTo: 'business_viewer' },
  { path: '/exports?tab=months', shows: 'Closed months', forbiddenTo: 'business_viewer' },
  { path: '/exports?tab=schedules', shows: 'Schedules', forbiddenTo: 'business_viewer' },
  { path: '/health', shows: 'Slow statements', forbiddenTo: 'finance' },
  { path: '/runbook?section=tidemarkdown', shows: 'What it means.', isStatic: true },
  { path: '/get-started', shows: 'Latest event', empty: 'Waiting for your first event' },
  { path: '/prices', shows: 'Model prices', forbiddenTo: 'engineer' },
  { path: '/keys', shows: 'gateway', forbiddenTo: 'engineer' },
  { path: '/limits', shows: 'Stored events', forbiddenTo: 'business_viewer' },
  { path: '/audit', shows: 'org.read', forbiddenTo: 'engineer' },
  { path: '/me', shows: 'Where you are signed in' },
];

const PHONE = { width: 360, height: 740 };
const AT_ONCE = 5;
/**
 * Finds what runs past the edge of its card, or of the window, and cannot be scrolled to. The page itself need not scroll then.
 * Runs in the page, where the types of this file are unknown. The policy forbids `waitForFunction` of a text.
 */
const findCut = `(() => {
  if (document.documentElement.scrollWidth > innerWidth) return ['scrolls sideways'];
  const isPast = (element) => {
    const { left, right, width } = element.getBoundingClientRect();
    const card = element.parentElement.closest('section')?.getBoundingClientRect() ?? { left: 0, right: innerWidth };
    const isOut = right > card.right + 1 || left < card.left - 1;
    return isOut && width > 1 && element.checkVisibility({ visibilityProperty: true });
  };
  const isMeant = (element) => {
    for (let box = element; box !== null; box = box.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(box);
      if (/auto|scroll/.test(overflowX) || textOverflow === 'ellipsis') return true;
    }
    return false;
  };
  return [...document.querySelectorAll('main *')]
    .filter((element) => isPast(element) && !isMeant(element))
    .slice(0, 3)
    .map((element) => 'is cut: ' + element.outerHTML.slice(0, 150));
})()`;

describe('each page of the console', skipUnless(hasChromium, 'needs Chromium'), async () => {
  const service = useService({
    ...{ ROLES: 'api,ingest,worker', PUBLIC_RATE_LIMIT_PER_MINUTE: '0', EXPORT_DIR: await useFolder() },
    ...{ SIGN_IN_RATE_LIMIT_PER_MINUTE: '1000' },
  });
  const browser = useConsole(service);
  let admin = '';
  let alert = '';
  let seeded: Seeded;

  beforeAll(async () => {
    admin = await tokenOf(['admin']);
    seeded = await seedDemo(service, admin);
    alert = await fireAlert(
      service,
      admin,
      makeUsage({ orgId: 'acme', occurredAt: new Date().toISOString() }),
    );
    const silence = { orgId: 'acme', reason: 'Planned work', rules: [], labels: {}, severities: ['info'] };
    const endsAt = new Date(Date.now() + HOUR).toISOString();
    const silenced = await service.call('/api/v1/analytics/alerts/silences', {
      body: { ...silence, endsAt },
    });
    expect(silenced.status).toBe(201);
    await service.call('/analytics/v1/api-keys', {
      body: { name: 'gateway', role: 'ingest', orgs: ['acme'] },
    });
  }, 120_000);

  function addressOf(path: string, org?: string): string {
    const address = new URL(`/console${path.replace(':alert', alert)}`, service.origin);
    if (org !== undefined || !address.searchParams.has('org')) address.searchParams.set('org', org ?? 'acme');
    address.searchParams.set('range', path === '/audit' ? '1h' : seeded.range);
    address.searchParams.set('tz', 'UTC');
    return String(address);
  }

  /** Tries all pages, a few at the same time, and gathers what is wrong with each. */
  async function tryEach(
    context: BrowserContext,
    tried: readonly Tried[],
    findFaults: (page: Page, tried: Tried) => Promise<string[]>,
  ): Promise<string[]> {
    const waiting = [...tried];
    const faults: string[] = [];
    const work = async () => {
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { path } = next;
        const found = await findFaults(page, next).catch((error: Error) => [error.message]);
        faults.push(...found.map((fault) => `${path}: ${fault}`));
        await page.unrouteAll({ behavior: 'ignoreErrors' });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return faults;
  }

  test('shows its data, in both themes, on a desk and on a phone, without a fault that axe finds', async () => {
    const context = await browser.contextOf(admin, { colorScheme: 'light' });
    const faults = await tryEach(context, pages, async (page, { path, shows }) => {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(addressOf(path));
      await page.locator('main').getByText(shows).first().waitFor();
      await loaded(page);
      const onDesk = await faultsOf(page);
      await page.setViewportSize(PHONE);
      await page.emulateMedia({ colorScheme: 'dark' });
      // A chart takes its new width a moment later.
      const patience = { timeout: 10_000, interval: 100 };
      let cut: string[] = [];
      const doesFit = async () => {
        cut = await page.evaluate<string[]>(findCut);
        return cut.length === 0;
      };
      await vi.waitUntil(doesFit, patience).catch(() => {});
      const onPhone = await faultsOf(page, rulesOfLooks);
      return [
        ...onDesk,
        ...onPhone.map((fault) => `dark, on a phone: ${fault}`),
        ...cut.map((fault) => `on a phone: ${fault}`),
      ];
    });
    expect(faults).toEqual([]);
  });

  test('of an org without events says so', async () => {
    const context = await browser.contextOf(admin);
    const tried = pages.filter(({ empty }) => empty !== undefined);
    const faults = await tryEach(context, tried, async (page, { path, empty = '' }) => {
      await page.goto(addressOf(path, 'nobody'));
      await page.locator('main').getByText(empty).first().waitFor();
      return faultsOf(page);
    });
    expect(faults).toEqual([]);
  });

  test('holds its place while it loads, says what failed if the API is cut off, and loads when it is back', async () => {
    const context = await browser.contextOf(admin);
    const asking = pages.filter(({ isStatic }) => !isStatic);
    const faults = await tryEach(context, asking, async (page, { path, shows }) => {
      const held = Promise.withResolvers<void>();
      let isBack = false;
      await page.route(/\/analytics\/v1\/|\/api\/v1\//, async (route) => {
        await held.promise;
        await (isBack ? route.continue() : route.abort()).catch(() => {});
      });
      await page.goto(addressOf(path));
      const main = page.locator('main');
      await main.getByText('Loading', { exact: true }).first().waitFor({ state: 'attached' });
      held.resolve();
      const again = main.getByRole('button', { name: 'Try again' });
      await again.first().waitFor();
      await main.getByText('The service did not answer').first().waitFor();
      await loaded(page);
      const faults = await faultsOf(page);
      isBack = true;
      await again.evaluateAll((buttons) => {
        for (const button of buttons) (button as { click(): void }).click();
      });
      await main.getByText(shows).first().waitFor();
      return faults;
    });
    expect(faults).toEqual([]);
  });

  test.each(['business_viewer', 'engineer', 'finance'] as const)(
    'tells the role %s what it may not see',
    async (role) => {
      const context = await browser.contextOf(await tokenOf([role], ['acme', 'atelier'], role));
      const tried = pages.filter(({ forbiddenTo }) => forbiddenTo === role);
      const faults = await tryEach(context, tried, async (page, { path }) => {
        await page.goto(addressOf(path));
        await page.locator('main').getByText('You may not see this').first().waitFor();
        return [];
      });
      expect(faults).toEqual([]);
    },
  );
});

/** Waits until no part of the page waits for an answer. */
async function loaded(page: Page): Promise<void> {
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

/** The rules of axe whose outcome depends on the theme or the width. */
const rulesOfLooks = ['color-contrast', 'target-size', 'scrollable-region-focusable', 'link-in-text-block'];

/** The faults of a page that axe finds, with the first element of each. */
async function faultsOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (runOnly) => {
    const options = { resultTypes: ['violations'], ...(runOnly !== undefined && { runOnly }) };
    // biome-ignore lint/suspicious/noExplicitAny: axe is in the page, and not here.
    const { violations } = await (globalThis as any).axe.run(options);
    return violations.map(
      ({ id, nodes }: { id: string; nodes: { html: string; target: string[] }[] }) =>
        `${id} (${nodes.length}): ${nodes[0]?.target} ${nodes[0]?.html.slice(0, 150)}`,
    );
  }, rules);
}
