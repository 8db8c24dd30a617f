import type { Pool } from 'pg';
import { type AdminFrame, type AdminQuestion, frameOf } from '../reading/admin-question.ts';
import { askCompared, leastFresh } from '../reading/ask-compared.ts';
import { type ComparedItemCounts, itemCounts } from './item-figures.ts';
import {
  byRevenue,
  type ComparedTakings,
  comparedEach,
  comparedTakings,
  currenciesOf,
  type OrderRow,
  type OrderTally,
  orderRowsOf,
  takingsByCurrency,
  tallyOrders,
} from './order-figures.ts';
import { readProducts } from './product-records.ts';
import { type StorefrontRow, storefrontRows } from './storefront-figures.ts';

export interface CollectionFigures extends ComparedItemCounts {
  name: string;
  /** Products known to be of the collection, as last sold. */
  products: number;
  /** `revenueShare`: of all collections' revenue in the currency; `null` where that is not above 0. */
  byCurrency: (ComparedTakings & { revenueShare: number | null })[];
}

export interface CollectionsAnswer extends AdminFrame {
  /** Most revenue first. */
  collections: CollectionFigures[];
}

type LineRow = OrderRow & { collection: string };

/** How each collection does. Which there are is said by the events alone. */
export async function answerCollections(pool: Pool, question: AdminQuestion): Promise<CollectionsAnswer> {
  const [sales, visits, records] = await Promise.all([
    askCompared<LineRow>(pool, question, ['whole'], orderRowsOf('order_line', ['collection'])),
    askCompared<StorefrontRow>(pool, question, ['whole'], storefrontRows(['sku', 'collection'])),
    readProducts(pool, question.orgId),
  ]);
  // A visit to a product that names no collection is one to that of the product.
  const collectionOf = ({ collection, sku }: StorefrontRow): string =>
    collection ?? (sku === null ? undefined : records.get(sku)?.collection) ?? '';
  const lines = {
    now: Map.groupBy(sales.rows, ({ collection }) => collection),
    before: Map.groupBy(sales.rowsBefore ?? [], ({ collection }) => collection),
  };
  const views = {
    now: Map.groupBy(visits.rows, collectionOf),
    before: Map.groupBy(visits.rowsBefore ?? [], collectionOf),
  };
  const products = Map.groupBy(records.values(), ({ collection }) => collection ?? '');
  const names = new Set(
    [lines.now, lines.before, views.now, views.before].flatMap((some) => [...some.keys()]),
  );
  names.delete('');
  const total = tallyOrders(sales.rows);
  const collections = [...names].map((name) => {
    const tally = tallyOrders(lines.now.get(name) ?? []);
    const before = sales.rowsBefore && tallyOrders(lines.before.get(name) ?? []);
    const now = itemCounts(tally, views.now.get(name));
    const then = before && visits.rowsBefore && itemCounts(before, views.before.get(name));
    return { name, tally, before, now, then };
  });
  const order = byRevenue(currenciesOf(total));
  return {
    ...frameOf(question, leastFresh(sales.freshness, visits.freshness), sales),
    collections: collections
      .sort((a, b) => order(a.tally, b.tally) || (a.name < b.name ? -1 : 1))
      .map(({ name, tally, before, now, then }) => ({
        name,
        products: products.get(name)?.length ?? 0,
        ...comparedEach(now, then),
        byCurrency: withShares(comparedTakings(tally, before), total),
      })),
  };
}

function withShares(takings: ComparedTakings[], total: OrderTally): CollectionFigures['byCurrency'] {
  const totals = new Map(takingsByCurrency(total).map((of) => [of.currency, of.revenueCents]));
  return takings.map((of) => {
    const all = totals.get(of.currency) ?? 0;
    const share = all > 0 ? Math.round(((of.revenueCents.value ?? 0) / all) * 10_000) / 10_000 : null;
    return { ...of, revenueShare: share };
  });
}
