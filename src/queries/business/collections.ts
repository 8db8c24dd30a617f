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
import { readProductCollections } from './product-collections.ts';
import { readProducts } from './product-records.ts';
import { type StorefrontRow, storefrontSelection } from './storefront-figures.ts';

export interface CollectionFigures extends ComparedItemCounts {
  name: string;
  /** Products that belonged to the collection when they were last sold before the end of the range. */
  products: number;
  /** `revenueShare` is its share of what the collections with a revenue above 0 earned in the currency. */
  byCurrency: (ComparedRevenue & { revenueShare: number | null })[];
}

export interface CollectionsAnswer extends AnswerMetadata {
  /** The collection with most revenue first. */
  collections: CollectionFigures[];
}

type LineRow = OrderRow & { collection: string | null };

/** The figures of each collection. Only events say which collections there are. */
export async function answerCollections(pool: Pool, query: AdminQuery): Promise<CollectionsAnswer> {
  const [sales, visits, records] = await Promise.all([
    queryCompared<LineRow>(pool, query, orderSelection('order_line', ['collection'])),
    queryCompared<StorefrontRow>(pool, query, storefrontSelection(['sku', 'collection'])),
    readProducts(pool, query.orgId),
  ]);
  const end = sales.plan.covered.end;
  const belongsTo = await readProductCollections(pool, query.orgId, {
    now: end,
    before: sales.planBefore?.covered.end ?? end,
  });
  // A visit that names no collection counts for the collection that its product had at that time.
  const collectionIn =
    (range: 'now' | 'before') =>
    ({ collection, sku }: StorefrontRow): string =>
      collection ?? (sku === null ? undefined : belongsTo[range](sku)) ?? '';
  const lines = {
    now: Map.groupBy(sales.rows, ({ collection }) => collection ?? ''),
    before: Map.groupBy(sales.rowsBefore ?? [], ({ collection }) => collection ?? ''),
  };
  const views = {
    now: Map.groupBy(visits.rows, collectionIn('now')),
    before: Map.groupBy(visits.rowsBefore ?? [], collectionIn('before')),
  };
  const products = Map.groupBy(records.keys(), (sku) => belongsTo.now(sku) ?? '');
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
  const earned = earnedByCurrency(collections.map(({ tally }) => tally));
  return {
    ...metadataOf(query, leastFresh(sales.freshness, visits.freshness), sales),
    collections: collections
      .sort((a, b) => order(a.tally, b.tally) || (a.name < b.name ? -1 : 1))
      .map(({ name, tally, before, now, then }) => ({
        name,
        products: products.get(name)?.length ?? 0,
        ...comparedEach(now, then),
        byCurrency: withShares(comparedRevenue(tally, before), earned),
      })),
  };
}

/** The revenue of the collections that earned something, by currency. */
function earnedByCurrency(tallies: readonly OrderTally[]): Map<string, number> {
  const earned = new Map<string, number>();
  for (const tally of tallies)
    for (const { currency, revenueCents } of revenueByCurrency(tally))
      earned.set(currency, (earned.get(currency) ?? 0) + Math.max(0, revenueCents));
  return earned;
}

/** A collection that lost money, by refunds of earlier sales, has the share 0. So the shares are from 0 to 1, and add up to 1. */
function withShares(
  revenues: ComparedRevenue[],
  earned: ReadonlyMap<string, number>,
): CollectionFigures['byCurrency'] {
  return revenues.map((revenue) => {
    const all = earned.get(revenue.currency) ?? 0;
    const own = Math.max(0, revenue.revenueCents.value ?? 0);
    const share = all > 0 ? Math.round((own / all) * 10_000) / 10_000 : null;
    return { ...revenue, revenueShare: share };
  });
}
