import type { RowsAsked } from '../reading/ask-compared.ts';

/** What rollups of the storefront say by stage, product and collection. */
export interface StorefrontRow {
  stage: string;
  sku: string | null;
  collection: string | null;
  count: number;
}

/** How to ask for them; SKU and collection where wanted. */
export function storefrontRows(groupBy: RowsAsked['groupBy']): RowsAsked {
  return {
    type: 'storefront',
    filters: {},
    groupBy: ['stage', ...groupBy],
    columns: ['count'],
    select: 'sum(r.count)::float8 as count',
  };
}

/** Views of products, and how often one was put into a cart. */
export interface Interest {
  views: number;
  addsToCart: number;
}

export function interestOf(rows: Iterable<StorefrontRow>): Interest {
  const interest = { views: 0, addsToCart: 0 };
  for (const { stage, count } of rows) {
    if (stage === 'product_view') interest.views += count;
    if (stage === 'add_to_cart') interest.addsToCart += count;
  }
  return interest;
}

/** Purchases as a share of views; `null` without views. More than 1 where much is bought unseen, as in a store. */
export function conversionOf(purchases: number, views: number): number | null {
  return views === 0 ? null : Math.round((purchases / views) * 10_000) / 10_000;
}
