import type { Compared } from '../reading/comparison.ts';
import { countsOf, type OrderTally } from './order-figures.ts';
import { conversionOf, interestOf, type StorefrontRow } from './storefront-figures.ts';

/** What is counted of a product or of a collection. */
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

/** The same beside that of the time compared with. */
export type ComparedItemCounts = { [Name in keyof ItemCounts]: Compared };

/** @param tally of order lines */
export function itemCounts(tally: OrderTally, visits: readonly StorefrontRow[] = []): ItemCounts {
  const { completed, unitsSold, unitsReturned } = countsOf(tally);
  const { views, addsToCart } = interestOf(visits);
  return {
    views,
    addsToCart,
    purchases: completed,
    unitsSold,
    unitsReturned,
    conversion: conversionOf(completed, views),
  };
}
