import { beforeEach, describe, expect, test } from 'vitest';
import { answerFunnel } from '../../../src/queries/business/funnel.ts';
import { answerBusinessOverview } from '../../../src/queries/business/overview.ts';
import { answerProducts, type ProductsQuery } from '../../../src/queries/business/products.ts';
import { answerSales } from '../../../src/queries/business/sales.ts';
import type { AdminQuery } from '../../../src/queries/reading/admin-query.ts';
import { promoteAll } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { DAY } from '../../../src/time.ts';
import { usualRetention } from '../../support/answers/retention.ts';
import type { SentEvent } from '../../support/events/event-samples.ts';
import { order, useShop } from './shop.ts';

let now = 0;
const { database, stored, question } = useShop({ now: () => now });

beforeEach(() => {
  now = Date.UTC(2028, 2, 5, 12);
});

function sales(asked: AdminQuery) {
  return answerSales(database.pool, { ...asked, breakdown: undefined, limit: 10 });
}

function grossOf(point: { byCurrency: { grossCents: number }[] } | null | undefined) {
  return point === null ? null : (point?.byCurrency[0]?.grossCents ?? 0);
}

describe('the same period last year', () => {
  beforeEach(async () => {
    await stored(
      ...['2027-02-27', '2027-02-28', '2027-03-01', '2027-03-02'].map((day, n) =>
        order(`${day}T12:00:00Z`, 10 + n),
      ),
      ...['2028-02-27', '2028-02-28', '2028-02-29', '2028-03-01', '2028-03-02'].map((day, n) =>
        order(`${day}T12:00:00Z`, 20 + n),
      ),
    );
  });

  test('of a range over 29 February is compared by dates, and that day with none', async () => {
    const { series, totals, comparison } = await sales(
      question('2028-02-27T00:00Z', '2028-03-02T00:00Z', { compare: 'year' }),
    );
    expect(comparison).toMatchObject({ start: '2027-02-27T00:00:00.000Z', end: '2027-03-02T00:00:00.000Z' });
    expect(series.map((point) => [grossOf(point), grossOf(point.previous)])).toEqual([
      [20, 10],
      [21, 11],
      [22, null],
      [23, 12],
    ]);
    expect(totals.byCurrency[0]?.grossCents).toEqual({ value: 86, previous: 33, changePercent: 160.61 });
  });

  test('is kept for a zone a quarter of an hour off, though most types keep hours for 90 days', async () => {
    await promoteAll(database.pool, grainNamed('week'));
    await applyRetention({ ...usualRetention(database.pool), now });
    // The partition of last year is gone, so the answer comes from rollups.
    const { rows } = await database.pool.query('select min(occurred_at) as first from analytics.events');
    expect(rows[0].first.toISOString()).toBe('2028-02-27T12:00:00.000Z');
    const { series } = await sales(
      question('2028-02-26T18:15Z', '2028-02-28T18:15Z', { compare: 'year', timezone: 'Asia/Kathmandu' }),
    );
    expect(series.map((point) => [grossOf(point), grossOf(point.previous)])).toEqual([
      [20, 10],
      [21, 11],
    ]);
  });

  test('is null where it is no longer kept, beside the values of the range itself', async () => {
    now = Date.UTC(2028, 4, 20);
    await promoteAll(database.pool, grainNamed('week'));
    const answer = await sales(
      question('2028-02-27T00:00Z', '2028-03-02T00:00Z', { compare: 'year', timezone: 'Europe/Berlin' }),
    );
    expect(answer.totals.byCurrency[0]?.grossCents).toEqual({
      value: 86,
      previous: null,
      changePercent: null,
    });
    expect(answer.comparison).toBeUndefined();
    expect(answer.series[0]?.previous).toBeNull();
  });
});

test.each([
  ['2027-10-30', '2027-11-01T23:00Z', [10, 11, 12]],
  ['2027-03-27', '2027-03-29T22:00Z', [10, 11, 12]],
])('days of a zone from %s over a clock change begin at its midnights', async (first, end, gross) => {
  now = Date.parse(`${first}T00:00Z`) + 20 * DAY;
  const zone = 'Europe/Berlin';
  const { rows } = await database.pool.query<{ at: Date }>(
    `select (day::date + time '00:00') at time zone $2 as at from generate_series($1::date, $1::date + 3, interval '1 day') as day`,
    [first, zone],
  );
  const midnights = rows.map(({ at }) => at.getTime());
  // At the first and at the last moment of each day.
  const events = midnights
    .slice(0, 3)
    .flatMap((start, n) => [
      order(new Date(start).toISOString(), gross[n] ?? 0),
      order(new Date((midnights[n + 1] ?? 0) - 1).toISOString(), 100),
    ]);
  await stored(...events);
  const { series } = await sales(
    question(new Date(midnights[0] ?? 0).toISOString(), end, { timezone: zone, compare: 'previous' }),
  );
  expect(series.map(grossOf).slice(0, 3)).toEqual(gross.map((cents) => cents + 100));
  expect(series.map(({ bucketStart }) => Date.parse(bucketStart)).slice(0, 3)).toEqual(midnights.slice(0, 3));
});

function products(more: Partial<ProductsQuery> = {}): ProductsQuery {
  return {
    ...question('2028-03-01T00:00Z', '2028-03-05T00:00Z'),
    ...{ sort: 'revenue', order: 'desc', limit: 50, offset: 0, lowStock: 10 },
    ...{ collection: undefined, category: undefined, stock: undefined },
    ...more,
  };
}

describe('products', () => {
  const item = (sku: string, name: string, priceCents: number, collection = 'c') => ({
    items: [{ sku, name, collection, category: 'k', quantity: 2, priceCents }],
  });
  const stock = (sku: string, quantity: number, orgId = 'acme'): SentEvent => ({
    eventId: `stock-${orgId}-${sku}-${quantity}`,
    orgId,
    type: 'inventory',
    occurredAt: '2028-03-02T00:00:00Z',
    sku,
    quantity,
  });

  test('have the name and collection of their last sale, while money stays with the collection of each sale', async () => {
    await stored(
      order('2028-03-01T10:00:00Z', 0, item('x', 'Old name', 100, 'spring')),
      order('2028-03-02T10:00:00Z', 0, item('x', 'New name', 100, '🌸 summer')),
      order('2028-03-03T10:00:00Z', 0, { ...item('x', 'Old name', 100, 'spring'), status: 'refunded' }),
    );
    const answer = await answerProducts(database.pool, products());
    expect(answer.products).toMatchObject([
      {
        sku: 'x',
        name: 'New name',
        collection: '🌸 summer',
        unitsSold: { value: 4 },
        unitsReturned: { value: 2 },
      },
    ]);
    const bySale = await answerSales(database.pool, { ...products(), breakdown: 'collection', limit: 10 });
    expect(
      bySale.groups?.map(({ name, totals }) => [name, totals.byCurrency[0]?.revenueCents.value]),
    ).toEqual([
      ['🌸 summer', 200],
      ['spring', 0],
    ]);
    const byProduct = await answerSales(database.pool, { ...products(), breakdown: 'product', limit: 10 });
    expect(byProduct.groups).toMatchObject([{ name: 'x', productName: 'New name', rest: false }]);
  });

  test('are sorted, paged and filtered, with unknown values last', async () => {
    await stored(
      order('2028-03-01T10:00:00Z', 0, item('a', 'A', 300)),
      order('2028-03-01T10:00:00Z', 0, item('b', 'B', 100)),
      order('2028-03-01T10:00:00Z', 0, { ...item('b', 'B', 200), status: 'refunded' }),
      order('2028-03-01T10:00:00Z', 0, item('c', 'C', 200, 'other')),
      stock('a', 0),
      stock('b', 40),
      stock('d', 3),
    );
    const skus = async (more: Partial<ProductsQuery>) =>
      (await answerProducts(database.pool, products(more))).products.map(({ sku }) => sku).join('');
    expect(await skus({})).toBe('acdb');
    expect(await skus({ order: 'asc' })).toBe('bdca');
    expect(await skus({ sort: 'stock' })).toBe('bdac');
    expect(await skus({ sort: 'stock', order: 'asc' })).toBe('adbc');
    expect(await skus({ sort: 'name', order: 'asc' })).toBe('abcd');
    expect(await skus({ limit: 2, offset: 1 })).toBe('cd');
    expect(await skus({ collection: 'other' })).toBe('c');
    expect(await skus({ stock: 'out' })).toBe('a');
    expect(await skus({ stock: 'low', lowStock: 2 })).toBe('');
    const answer = await answerProducts(database.pool, products({ limit: 1 }));
    expect(answer).toMatchObject({ total: 4, inventory: { in_stock: 1, low: 1, out: 1, unknown: 1 } });
    expect(answer.needsAttention).toMatchObject([
      { sku: 'a', reasons: [{ reason: 'out_of_stock_in_demand' }] },
    ]);
  });

  test('of all orgs together add up sales and stock of each', async () => {
    await stored(
      order('2028-03-01T10:00:00Z', 0, item('a', 'Here', 300)),
      order('2028-03-02T10:00:00Z', 0, { ...item('a', 'There', 100), orgId: 'globex' }),
      stock('a', 4),
      stock('a', 5, 'globex'),
    );
    const answer = await answerProducts(database.pool, products({ orgId: '*' }));
    expect(answer.products).toMatchObject([
      { sku: 'a', name: 'There', unitsSold: { value: 4 }, stock: { quantity: 9, status: 'low' } },
    ]);
  });
});

describe('without events, or with one', () => {
  const asked = () => question('2028-03-01T00:00Z', '2028-03-02T00:00Z', { compare: 'previous' });

  test('answers are zeros, without currency and change', async () => {
    const none = { value: 0, previous: 0, changePercent: null };
    const overview = await answerBusinessOverview(database.pool, asked());
    expect(overview).toMatchObject({ orders: none, customers: none, byCurrency: [] });
    const { stages, basis } = await answerFunnel(database.pool, asked());
    expect(basis).toBe('events');
    expect(stages.map(({ dropOff, reached }) => [dropOff.value, reached.value])).toEqual(
      Array(4).fill([null, null]),
    );
    expect((await sales(asked())).series).toMatchObject([{ completed: 0, previous: { completed: 0 } }]);
  });

  test('a change from nothing is null, not 100 %', async () => {
    await stored(order('2028-03-01T00:00:00Z', 100, { customerId: 'c' }));
    const overview = await answerBusinessOverview(database.pool, asked());
    const one = { value: 1, previous: 0, changePercent: null };
    expect(overview).toMatchObject({ orders: one, customers: one, unitsSold: one });
    expect(overview.byCurrency).toMatchObject([
      {
        revenueCents: { value: 100, previous: 0, changePercent: null },
        averageOrderCents: { value: 100, previous: null, changePercent: null },
      },
    ]);
  });
});
