import { describe, expect, test } from 'vitest';
import { answerCollections } from '../../../src/queries/business/collections.ts';
import { answerBusinessOverview } from '../../../src/queries/business/overview.ts';
import { answerProducts, type ProductsQuery } from '../../../src/queries/business/products.ts';
import { promoteAll } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import type { SentEvent } from '../../support/events/event-samples.ts';
import { order, useShop } from './shop.ts';

const now = Date.UTC(2028, 2, 5, 12);
const { database, stored, question } = useShop({ now: () => now });

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
  test('of a collection that lost money have no share of the revenue, and shares are from 0 to 1', async () => {
    await stored(
      order('2028-03-01T10:00:00Z', 0, item('a', 'A', 100, 'kept')),
      order('2028-03-01T10:00:00Z', 0, { ...item('b', 'B', 90, 'returned'), status: 'refunded' }),
    );
    const { collections } = await answerCollections(
      database.pool,
      question('2028-03-01T00:00Z', '2028-03-02T00:00Z'),
    );
    expect(collections.map(({ name, byCurrency: [eur] }) => [name, eur?.revenueShare])).toEqual([
      ['kept', 1],
      ['returned', 0],
    ]);
  });

  test('keep in the past the collection that they had, whatever they are sold in today', async () => {
    const view: SentEvent = {
      ...{ eventId: 'view', orgId: 'acme', type: 'storefront', occurredAt: '2028-03-01T09:00:00Z' },
      ...{ stage: 'product_view', sku: 'r' },
    };
    await stored(
      order('2028-03-01T10:00:00Z', 0, item('r', 'R', 100, 'Black Rose')),
      view,
      order('2028-03-04T10:00:00Z', 0, item('r', 'R', 100, 'Signature')),
    );
    const of = async (start: string, end: string) =>
      (await answerCollections(database.pool, question(start, end))).collections.map(
        ({ name, products, views, purchases }) => [name, products, views.value, purchases.value],
      );
    expect(await of('2028-03-01T00:00Z', '2028-03-02T00:00Z')).toEqual([['Black Rose', 1, 1, 1]]);
    expect(await of('2028-03-04T00:00Z', '2028-03-05T00:00Z')).toEqual([['Signature', 1, 0, 1]]);
    await promoteAll(database.pool, grainNamed('week'));
    const filtered = (collection: string) =>
      answerProducts(database.pool, {
        ...products({ collection }),
        ...question('2028-03-01T00:00Z', '2028-03-02T00:00Z'),
      });
    expect(await filtered('Black Rose')).toMatchObject({ total: 1, products: [{ sku: 'r' }] });
    expect(await filtered('Signature')).toMatchObject({ total: 0 });
  });
});

test('the values of orders have their extremes exactly, and percentiles within 1 %', async () => {
  const cents = Array.from({ length: 100 }, (_, index) => (index + 1) * 100);
  await stored(
    ...cents.map((price) => order('2028-03-01T10:00:00Z', price)),
    order('2028-03-01T10:00:00Z', 1, { status: 'refunded' }),
    order('2028-03-01T10:00:00Z', 47_040, { currency: 'KRW' }),
  );
  await promoteAll(database.pool, grainNamed('week'));
  for (const orgId of ['acme', '*']) {
    const { byCurrency } = await answerBusinessOverview(
      database.pool,
      question('2028-03-01T00:00Z', '2028-03-02T00:00Z', { orgId }),
    );
    const [eur, krw] = byCurrency.map(({ orderValueCents }) => orderValueCents);
    expect([eur?.min.value, eur?.max.value]).toEqual([100, 10_000]);
    for (const [name, exact] of [
      ['p50', 5_000],
      ['p95', 9_500],
      ['p99', 9_900],
    ] as const)
      expect(Math.abs((eur?.[name].value ?? 0) / exact - 1)).toBeLessThan(0.0101);
    expect(byCurrency.map(({ minorUnitDecimals }) => minorUnitDecimals)).toEqual([2, 0]);
    expect([krw?.min.value, krw?.p50.value, krw?.max.value]).toEqual([47_040, 47_040, 47_040]);
  }
});
