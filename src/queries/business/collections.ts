import type { Pool } from 'pg';
import { type AdminQuery, type AnswerMetadata, metadataOf } from '../reading/admin-query.ts';
import { leastFresh, queryCompared } from '../reading/query-compared.ts';
import { type ComparedItemCounts, itemCounts } from './item-figures.ts';
import {
  byRevenue,
  type ComparedRevenue,
  comparedEach,
  comparedRevenue,
  currenciesOf,
  type OrderRow,
  type OrderTally,
  orderSelection,
  revenueByCurrency,
  tallyOrders,
} from './order-figures.ts';
import { readProducts } from './product-records.ts';
import { type StorefrontRow, storefrontSelection } from './storefront-figures.ts';

export interface CollectionFigures extends ComparedItemCounts {
  name: string;
  /** Products that belonged to the collection when they were last sold. */
  products: number;
  /** `revenueShare` is the share of all collections' revenue in the currency; `null` unless that is above 0. */
  byCurrency: (ComparedRevenue & { revenueShare: number | null })[];
}

export interface CollectionsAnswer extends AnswerMetadata {
  /** The collection with most revenue first. */
  collections: CollectionFigures[];
}

type LineRow = OrderRow & { collection: string };

/** The figures of each collection. Only events say which collections there are. */
export async function answerCollections(pool: Pool, query: AdminQuery): Promise<CollectionsAnswer> {
  const [sales, visits, records] = await Promise.all([
    queryCompared<LineRow>(pool, query, orderSelection('order_line', ['collection'])),
    queryCompared<StorefrontRow>(pool, query, storefrontSelection(['sku', 'collection'])),
    readProducts(pool, query.orgId),
  ]);
  // A visit that names no collection counts for the collection of its product.
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
    ...metadataOf(query, leastFresh(sales.freshness, visits.freshness), sales),
    collections: collections
      .sort((a, b) => order(a.tally, b.tally) || (a.name < b.name ? -1 : 1))
      .map(({ name, tally, before, now, then }) => ({
        name,
        products: products.get(name)?.length ?? 0,
        ...comparedEach(now, then),
        byCurrency: withShares(comparedRevenue(tally, before), total),
      })),
  };
}

function withShares(revenues: ComparedRevenue[], total: OrderTally): CollectionFigures['byCurrency'] {
  const totals = new Map(
    revenueByCurrency(total).map(({ currency, revenueCents }) => [currency, revenueCents]),
  );
  return revenues.map((revenue) => {
    const all = totals.get(revenue.currency) ?? 0;
    const share = all > 0 ? Math.round(((revenue.revenueCents.value ?? 0) / all) * 10_000) / 10_000 : null;
    return { ...revenue, revenueShare: share };
  });
}
