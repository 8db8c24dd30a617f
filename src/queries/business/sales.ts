import type { Pool } from 'pg';
import type { DimensionColumn } from '../../events/columns.ts';
import { type AdminFrame, type AdminQuestion, bucketingsFor, frameOf } from '../reading/admin-question.ts';
import { alignBuckets } from '../reading/aligned-buckets.ts';
import { askCompared, type ComparedRows, leastFresh } from '../reading/ask-compared.ts';
import type { Compared } from '../reading/comparison.ts';
import { refuseTooMany } from '../reading/read-plan.ts';
import type { Bucketing } from '../reading/time-buckets.ts';
import {
  byRevenue,
  type ComparedTakings,
  comparedEach,
  comparedTakings,
  countsOf,
  currenciesOf,
  type OrderRow,
  orderRowsOf,
  type Takings,
  takingsByCurrency,
  tallyOrders,
} from './order-figures.ts';
import { type ProductRecord, readProducts } from './product-records.ts';

/** What sales can be broken down by, and where it is kept: with the order, or with each of its lines. */
const breakdownSource = {
  collection: 'order_line',
  category: 'order_line',
  product: 'order_line',
  channel: 'order',
} as const;
export type Breakdown = keyof typeof breakdownSource;
export const breakdowns = Object.keys(breakdownSource) as Breakdown[];

const columnOf: Record<Breakdown, DimensionColumn> = {
  collection: 'collection',
  category: 'category',
  product: 'sku',
  channel: 'channel',
};

export interface SalesQuestion extends AdminQuestion {
  breakdown: Breakdown | undefined;
  /** The most groups of a breakdown; what the others sold is put together. */
  limit: number;
}

/** Orders by what became of them; of a breakdown by what only lines have, these are lines. */
export interface SalesCounts {
  completed: number;
  refunded: number;
  cancelled: number;
  unitsSold: number;
  unitsReturned: number;
}

type SalesNumbers = SalesCounts & { byCurrency: ({ currency: string } & Takings)[] };
export type SalesPoint = SalesNumbers & {
  bucketStart: string;
  /** With a comparison: that of the bucket compared with; `null` where there is none. */
  previous?: (SalesNumbers & { bucketStart: string }) | null;
};
type SalesTotals = { [Name in keyof SalesCounts]: Compared } & { byCurrency: ComparedTakings[] };

export interface SalesGroup {
  /** The collection, category, SKU or channel; `null` for orders without a channel, and for the rest. */
  name: string | null;
  /** Of a breakdown by product: what it was called when last sold. */
  productName?: string | null;
  /** All groups beyond the limit, put together. */
  rest: boolean;
  totals: SalesTotals;
  series: SalesPoint[];
}

export interface SalesAnswer extends AdminFrame {
  granularity: Bucketing;
  totals: SalesTotals;
  series: SalesPoint[];
  /** What the counts of groups count. */
  counted: 'orders' | 'lines';
  /** Of a breakdown; most revenue first. */
  groups?: SalesGroup[];
}

type SalesRow = OrderRow & { bucket: number } & Partial<Record<DimensionColumn, string | null>>;

/** What was sold, bucket by bucket, as a whole and by collection, category, product or channel. */
export async function answerSales(pool: Pool, question: SalesQuestion): Promise<SalesAnswer> {
  const { breakdown } = question;
  const bucketings = bucketingsFor(question);
  const [orders, grouped, products] = await Promise.all([
    askCompared<SalesRow>(pool, question, bucketings, orderRowsOf('order')),
    breakdown &&
      askCompared<SalesRow>(
        pool,
        question,
        bucketings,
        orderRowsOf(breakdownSource[breakdown], [columnOf[breakdown]]),
      ),
    breakdown === 'product' ? readProducts(pool, question.orgId) : undefined,
  ]);
  return {
    ...frameOf(
      question,
      grouped ? leastFresh(orders.freshness, grouped.freshness) : orders.freshness,
      orders,
    ),
    granularity: orders.bucketing,
    ...shownSales(question, orders),
    counted: breakdown ? (breakdownSource[breakdown] === 'order' ? 'orders' : 'lines') : 'orders',
    ...(breakdown && grouped && { groups: groupsOf(question, breakdown, grouped, products) }),
  };
}

function groupsOf(
  question: SalesQuestion,
  breakdown: Breakdown,
  sales: ComparedRows<SalesRow>,
  products: ReadonlyMap<string, ProductRecord> | undefined,
): SalesGroup[] {
  const nameOf = (row: SalesRow): string | null => row[columnOf[breakdown]] ?? null;
  const now = Map.groupBy(sales.rows, nameOf);
  const then = sales.rowsBefore && Map.groupBy(sales.rowsBefore, nameOf);
  const order = byRevenue(currenciesOf(tallyOrders(sales.rows)));
  const names = [...new Set([...now.keys(), ...(then?.keys() ?? [])])]
    .map((name) => ({ name, tally: tallyOrders(now.get(name) ?? []) }))
    .sort((a, b) => order(a.tally, b.tally) || compareNames(a.name, b.name))
    .map(({ name }) => name);
  const shown = names.slice(0, question.limit);
  const others = names.slice(question.limit);
  const groupOf = (name: string | null, members: readonly (string | null)[], rest: boolean): SalesGroup => ({
    name,
    ...(products && { productName: name === null ? null : (products.get(name)?.name ?? null) }),
    rest,
    ...shownSales(question, {
      ...sales,
      rows: members.flatMap((member) => now.get(member) ?? []),
      rowsBefore: then && members.flatMap((member) => then.get(member) ?? []),
    }),
  });
  const groups = others.length > 0 ? shown.length + 1 : shown.length;
  refuseTooMany(sales.plan.boundaries.length - 1, question.range, groups);
  return [
    ...shown.map((name) => groupOf(name, [name], false)),
    ...(others.length > 0 ? [groupOf(null, others, true)] : []),
  ];
}

/** By name, none last. */
function compareNames(a: string | null, b: string | null): number {
  return a === b ? 0 : b === null || (a !== null && a < b) ? -1 : 1;
}

function numbersOf(rows: readonly SalesRow[]): SalesNumbers {
  const tally = tallyOrders(rows);
  return { ...countsOf(tally), byCurrency: takingsByCurrency(tally) };
}

function shownSales(
  { compare, timezone }: SalesQuestion,
  { plan, bucketing, planBefore, bucketingBefore, rows, rowsBefore }: ComparedRows<SalesRow>,
): { totals: SalesTotals; series: SalesPoint[] } {
  const tally = tallyOrders(rows);
  const before = rowsBefore && tallyOrders(rowsBefore);
  const counts = comparedEach(countsOf(tally), before && countsOf(before));
  const byBucket = Map.groupBy(rows, ({ bucket }) => bucket);
  const byBucketBefore = Map.groupBy(rowsBefore ?? [], ({ bucket }) => bucket);
  const aligned =
    compare && planBefore && bucketing === bucketingBefore
      ? alignBuckets(plan, planBefore, compare, bucketing, timezone)
      : [];
  const startOf = (boundaries: readonly number[], bucket: number) =>
    new Date(boundaries[bucket] ?? Number.NaN).toISOString();
  const previousOf = (bucket: number): NonNullable<SalesPoint['previous']> | null => {
    const then = aligned[bucket];
    if (then === undefined || planBefore === undefined) return null;
    return {
      bucketStart: startOf(planBefore.boundaries, then),
      ...numbersOf(byBucketBefore.get(then) ?? []),
    };
  };
  return {
    totals: { ...counts, byCurrency: comparedTakings(tally, before) },
    series: plan.boundaries.slice(0, -1).map((_, bucket) => ({
      bucketStart: startOf(plan.boundaries, bucket),
      ...numbersOf(byBucket.get(bucket) ?? []),
      ...(compare && { previous: previousOf(bucket) }),
    })),
  };
}
