import type { RollupSelection } from '../reading/query-compared.ts';

/** A row of the rollups of storefront events, by stage, product and collection. */
export interface StorefrontRow {
  stage: string;
  sku: string | null;
  collection: string | null;
  count: number;
}

/** Selects the rows of storefront events, by SKU and collection if wanted. */
export function storefrontSelection(groupBy: RollupSelection['groupBy']): RollupSelection {
  return {
    type: 'storefront',
    filters: {},
    groupBy: ['stage', ...groupBy],
    columns: ['count'],
    select: 'sum(r.count)::float8 as count',
  };
}

/** Views of products, and additions to carts. */
export interface StorefrontCounts {
  views: number;
  addsToCart: number;
}

export function storefrontCounts(rows: Iterable<StorefrontRow>): StorefrontCounts {
  const counts = { views: 0, addsToCart: 0 };
  for (const { stage, count } of rows) {
    if (stage === 'product_view') counts.views += count;
    if (stage === 'add_to_cart') counts.addsToCart += count;
  }
  return counts;
}

/** Purchases as a share of views; `null` without views. Above 1 where customers buy without a view, as in a store. */
export function conversionOf(purchases: number, views: number): number | null {
  return views === 0 ? null : Math.round((purchases / views) * 10_000) / 10_000;
}
