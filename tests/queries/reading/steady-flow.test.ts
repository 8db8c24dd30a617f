import { beforeAll, expect, test } from 'vitest';
import { answerCollections } from '../../../src/queries/business/collections.ts';
import { answerFunnel } from '../../../src/queries/business/funnel.ts';
import { answerBusinessOverview } from '../../../src/queries/business/overview.ts';
import { answerProducts } from '../../../src/queries/business/products.ts';
import { answerSales } from '../../../src/queries/business/sales.ts';
import { answerMlOverview } from '../../../src/queries/ml/ml.ts';
import type { AdminQuery } from '../../../src/queries/reading/admin-query.ts';
import { type Compared, type Comparison, comparisons } from '../../../src/queries/reading/comparison.ts';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import { usualRetention } from '../../support/answers/retention.ts';
import { useDatabase } from '../../support/database/database.ts';
import type { SentEvent } from '../../support/events/event-samples.ts';
import { useIngestion } from '../../support/events/ingestion.ts';
import { makeJob } from '../../support/events/ml-jobs.ts';

const database = useDatabase();
const now = Date.parse('2026-11-29T12:07:00Z');
const { store } = useIngestion(database, { now: () => now });

/** The pace at any time, so that every comparison finds no change. */
const EVERY = 30 * MINUTE;

function orderAndVisit(at: number): SentEvent[] {
  const event = { orgId: 'acme', occurredAt: new Date(at).toISOString(), sessionId: `s-${at}` };
  const item = { sku: 'x', name: 'X', collection: 'c', category: 'k', quantity: 1, priceCents: 100 };
  const order = { orderId: `${at}`, status: 'completed', currency: 'EUR', customerId: `c-${at}` };
  return [
    { ...event, eventId: `visit-${at}`, type: 'storefront', stage: 'visit' },
    { ...event, eventId: `order-${at}`, type: 'order', ...order, items: [item] },
  ];
}

beforeAll(async () => {
  const { pool } = database;
  for (const [start, end] of [
    [now - 396 * DAY, now - 364 * DAY],
    [now - 66 * DAY, now],
  ] as const) {
    const moments = Array.from({ length: (end - start) / EVERY }, (_, n) => start + n * EVERY);
    const events = moments.flatMap((at) => [
      ...orderAndVisit(at),
      makeJob({ occurredAt: new Date(at).toISOString(), costCents: 1 }),
    ]);
    for (let from = 0; from < events.length; from += 1_000)
      expect(await store(...events.slice(from, from + 1_000))).toMatchObject({ rejected: 0 });
  }
  while ((await rollUp(pool)) > 0);
  await promoteAll(pool, grainNamed('week'));
  await applyRetention({ ...usualRetention(pool), now });
}, 120_000);

function question(length: number, compare: Comparison): AdminQuery {
  return {
    ...{ orgId: 'acme', range: { start: now - length, end: now }, timezone: 'UTC', now },
    ...{ granularity: undefined, compare },
  };
}

const lengths = { '1h': HOUR, '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY };
const asked = Object.entries(lengths).flatMap(([name, length]) =>
  comparisons.map((compare) => [name, compare, question(length, compare)] as const),
);

/** As many as before, or one more of each kind where a range is some minutes longer. */
function expectSteady(figures: Compared[], most = 1): void {
  for (const { value, previous, changePercent } of figures) {
    expect(value).toBeGreaterThan(0);
    expect(Math.abs((value ?? Number.NaN) - (previous ?? Number.NaN))).toBeLessThanOrEqual(most);
    expect(changePercent).not.toBeNull();
  }
}

test.each(asked)(
  'a shop with a steady flow shows no change in %s compared with %s',
  async (_, __, asking) => {
    const overview = await answerBusinessOverview(database.pool, asking);
    expect(overview.comparison).toBeDefined();
    expectSteady([overview.orders, overview.unitsSold, overview.customers]);
    expectSteady(
      overview.byCurrency.map(({ revenueCents }) => revenueCents),
      100,
    );
    expectSteady(
      overview.byCurrency.map(({ averageOrderCents }) => averageOrderCents),
      0,
    );
    const { stages } = await answerFunnel(database.pool, asking);
    expectSteady(stages.map(({ sessions }) => sessions));
    const { collections } = await answerCollections(database.pool, asking);
    expectSteady(collections.flatMap(({ purchases, unitsSold }) => [purchases, unitsSold]));
    const ofProducts = { sort: 'revenue', order: 'desc', limit: 5, offset: 0, lowStock: 1 } as const;
    const all = { collection: undefined, category: undefined, stock: undefined };
    const { products, needsAttention } = await answerProducts(database.pool, {
      ...asking,
      ...ofProducts,
      ...all,
    });
    expectSteady(products.flatMap(({ purchases, unitsSold }) => [purchases, unitsSold]));
    expect(needsAttention).toEqual([]);
  },
);

test.each(asked)('its points in %s compared with %s cover the same length', async (_, __, asking) => {
  const answer = await answerSales(database.pool, { ...asking, breakdown: undefined, limit: 10 });
  expectSteady([answer.totals.completed]);
  const pairs = answer.series.flatMap(({ completed, previous }) =>
    previous ? [[completed, previous.completed] as const] : [],
  );
  // The first and the last point may be covered to another extent.
  expect(pairs.length).toBeGreaterThanOrEqual(answer.series.length - 2);
  for (const [completed, previous] of pairs) expect(Math.abs(completed - previous)).toBeLessThanOrEqual(1);
});

test.each(asked)('jobs show no change in %s compared with %s', async (name, compare, asking) => {
  const { totals, comparison, notCompared } = await answerMlOverview(database.pool, asking);
  if (name === '1h' && compare === 'year') {
    expect(totals.jobs).toEqual({ value: 2, previous: null, changePercent: null });
    expect(comparison).toBeUndefined();
    expect(notCompared).toContain('only whole days of UTC are kept for 2025-11-29');
    return;
  }
  expect(notCompared).toBeUndefined();
  expectSteady([totals.jobs, totals.costCents]);
  expect(totals.costPerSuccessCents).toMatchObject({ value: 1, previous: 1, changePercent: 0 });
});

// Runs last, because it lets time pass.
test('customers are unknown, not zero, where only weeks of orders are kept', async () => {
  const later = now + 40 * DAY;
  const [start, end] = [Date.parse('2025-11-02T00:00Z'), Date.parse('2025-11-09T00:00Z')];
  const ask = () =>
    answerBusinessOverview(database.pool, {
      ...question(DAY, 'previous'),
      ...{ range: { start, end }, compare: undefined, now: later },
    });
  const orders = (7 * DAY) / EVERY;
  expect(await ask()).toMatchObject({ orders: { value: orders }, customers: { value: orders } });
  await applyRetention({ ...usualRetention(database.pool), now: later });
  const unknown = { value: null, previous: null, changePercent: null };
  expect(await ask()).toMatchObject({
    orders: { value: orders },
    customers: unknown,
    ordersWithoutCustomer: unknown,
  });
  const known = { ...question(7 * DAY, 'previous'), now: later };
  expect((await answerBusinessOverview(database.pool, known)).customers.value).toBeGreaterThan(0);
});
