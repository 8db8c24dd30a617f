import type { Comparison } from '../reading/comparison.ts';

/** The reasons why a product may need attention, the most urgent first. */
export const attentionReasons = [
  'out_of_stock_in_demand',
  'low_stock_in_demand',
  'many_returns',
  'viewed_not_bought',
  'falling_sales',
] as const;
export type AttentionReason = (typeof attentionReasons)[number];

export type StockStatus = 'in_stock' | 'low' | 'out' | 'unknown';

/** The figures of a product that decide whether it needs attention. Counts are of the range. */
export interface ProductDemand {
  stock: number | null;
  views: number;
  unitsSold: number;
  /** Units sold in the range compared with. */
  unitsSoldBefore: number | null;
  comparedWith: Comparison;
  unitsReturned: number;
}

/** With fewer views it means nothing that nobody buys. */
const MANY_VIEWS = 20;
/** Fewer returns may be chance, whatever their share. */
const MANY_RETURNS = 3;
const HIGH_RETURN_SHARE = 0.2;
/** Sales count as falling if they were at least this many units and fell to half or less. */
const SALES_TO_FALL_FROM = 6;
const FALLEN_TO = 0.5;

const whenBefore: Record<Comparison, string> = {
  previous: 'in the period before',
  week: 'in the weeks before',
  year: 'in the same period a year before',
};

/** @param lowStock a stock of at most this many is low */
export function stockStatusOf(stock: number | null, lowStock: number): StockStatus {
  if (stock === null) return 'unknown';
  if (stock <= 0) return 'out';
  return stock <= lowStock ? 'low' : 'in_stock';
}

export interface Attention {
  reason: AttentionReason;
  /** A sentence with the numbers behind it. */
  detail: string;
}

/** Why a product needs attention, the most urgent reason first; empty if it does not. */
export function attentionOf(demand: ProductDemand, lowStock: number): Attention[] {
  const { stock, views, unitsSold, unitsSoldBefore, comparedWith, unitsReturned } = demand;
  const wanted = views > 0 || unitsSold > 0;
  const status = stockStatusOf(stock, lowStock);
  const found: Attention[] = [];
  const add = (reason: AttentionReason, detail: string) => found.push({ reason, detail });
  if (status === 'out' && wanted)
    add('out_of_stock_in_demand', `None in stock; viewed ${views} times, ${unitsSold} sold.`);
  if (status === 'low' && unitsSold > 0)
    add('low_stock_in_demand', `${stock} in stock; ${unitsSold} sold in this period.`);
  if (unitsReturned >= MANY_RETURNS && unitsReturned >= unitsSold * HIGH_RETURN_SHARE)
    add('many_returns', `${unitsReturned} returned while ${unitsSold} were sold.`);
  if (views >= MANY_VIEWS && unitsSold === 0)
    add('viewed_not_bought', `Viewed ${views} times, and none sold.`);
  if (
    unitsSoldBefore !== null &&
    unitsSoldBefore >= SALES_TO_FALL_FROM &&
    unitsSold <= unitsSoldBefore * FALLEN_TO
  )
    add('falling_sales', `${unitsSold} sold, after ${unitsSoldBefore} ${whenBefore[comparedWith]}.`);
  return found;
}
