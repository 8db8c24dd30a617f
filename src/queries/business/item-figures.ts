import type { Compared } from '../reading/comparison.ts';
import { countsOf, type OrderTally } from './order-figures.ts';
import { conversionOf, type StorefrontRow, storefrontCounts } from './storefront-figures.ts';

/** The counts of a product or of a collection. */
export interface ItemCounts {
  views: number;
  addsToCart: number;
  /** Order lines of completed orders. */
  purchases: number;
  unitsSold: number;
  unitsReturned: number;
  /** Purchases as a share of views; `null` without views. */
  conversion: number | null;
}

/** Each count with that of the range compared with. */
export type ComparedItemCounts = { [Name in keyof ItemCounts]: Compared };

/** @param tally of order lines */
export function itemCounts(tally: OrderTally, visits: readonly StorefrontRow[] = []): ItemCounts {
  const { completed, unitsSold, unitsReturned } = countsOf(tally);
  const { views, addsToCart } = storefrontCounts(visits);
  return {
    views,
    addsToCart,
    purchases: completed,
    unitsSold,
    unitsReturned,
    conversion: conversionOf(completed, views),
  };
}
