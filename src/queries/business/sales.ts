import type { Queryable } from '../../database/pool.ts';
import type { DimensionColumn } from '../../events/columns.ts';
import { isLabelName, type LabelName } from '../../events/labels.ts';
import { type AdminQuery, type AnswerMetadata, bucketingsFor, metadataOf } from '../reading/admin-query.ts';
import { counterpartsOf } from '../reading/aligned-buckets.ts';
import type { Compared } from '../reading/comparison.ts';
import { partialOf } from '../reading/partial-bucket.ts';
import { type ComparedRows, leastFresh, queryCompared } from '../reading/query-compared.ts';
import { refuseTooMany } from '../reading/read-plan.ts';
import type { SeriesColumn } from '../reading/series-columns.ts';
import { type ShownBucketing, shownAs } from '../reading/time-buckets.ts';
import {
  byRevenue,
  type ComparedRevenue,
  comparedEach,
  comparedRevenue,
  countsOf,
  currenciesOf,
  type OrderRow,
  orderSelection,
  revenueByCurrency,
  tallyOrders,
} from './order-figures.ts';
import { type ProductRecord, readProducts } from './product-records.ts';
import { queryOrders } from './query-orders.ts';

/** The breakdowns of sales besides labels, and the event type that keeps each: the order, or its lines. */
const breakdownSource = {
  collection: 'order_line',
  category: 'order_line',
  product: 'order_line',
  channel: 'order',
} as const;
type NamedBreakdown = keyof typeof breakdownSource;
export type Breakdown = NamedBreakdown | LabelName;
export const breakdowns = Object.keys(breakdownSource) as NamedBreakdown[];

const dimensionOf: Record<NamedBreakdown, DimensionColumn> = {
  collection: 'collection',
  category: 'category',
  product: 'sku',
  channel: 'channel',
};

function columnOf(breakdown: Breakdown): SeriesColumn {
  return isLabelName(breakdown) ? breakdown : dimensionOf[breakdown];
}

function sourceOf(breakdown: Breakdown): 'order' | 'order_line' {
  return isLabelName(breakdown) ? 'order' : breakdownSource[breakdown];
}

export interface SalesQuery extends AdminQuery {
  breakdown: Breakdown | undefined;
  /** Maximum number of groups of a breakdown; all others form one group. */
  limit: number;
}

/** Orders by status. For a breakdown that only order lines have, these count lines. */
export interface SalesCounts {
  completed: number;
  refunded: number;
  cancelled: number;
  unitsSold: number;
  unitsReturned: number;
}

type SalesNumbers = SalesCounts & { byCurrency: ReturnType<typeof revenueByCurrency> };
export type SalesPoint = SalesNumbers & {
  bucketStart: string;
  partial?: true;
  /** With a comparison: the numbers of the bucket compared with; `null` if it has no counterpart. */
  previous?: (SalesNumbers & { bucketStart: string }) | null;
};
type SalesTotals = { [Name in keyof SalesCounts]: Compared } & { byCurrency: ComparedRevenue[] };

export interface SalesGroup {
  /** The collection, category, SKU, channel or value of a label; `null` for orders without one, and for the rest. */
  name: string | null;
  /** For a breakdown by product: its name when last sold. */
  productName?: string | null;
  /** Whether this group holds all groups beyond the limit. */
  rest: boolean;
  totals: SalesTotals;
  series: SalesPoint[];
}

export interface SalesAnswer extends AnswerMetadata {
  granularity: ShownBucketing;
  totals: SalesTotals;
  series: SalesPoint[];
  /** The unit of the counts of groups. */
  counted: 'orders' | 'lines';
  /** For a breakdown: the group with most revenue first. */
  groups?: SalesGroup[];
}

type SalesRow = OrderRow & { bucket: number } & Partial<Record<SeriesColumn, string | null>>;

/** Sales bucket by bucket, in total and by collection, category, product or channel. */
export async function answerSales(pool: Queryable, query: SalesQuery): Promise<SalesAnswer> {
  const { breakdown } = query;
  const bucketings = bucketingsFor(query);
  const [orders, grouped, products] = await Promise.all([
    queryOrders<SalesRow>(pool, query, bucketings),
    breakdown &&
      queryCompared<SalesRow>(pool, query, orderSelection(sourceOf(breakdown), [columnOf(breakdown)]), {
        bucketings,
        counted: [columnOf(breakdown)],
      }),
    breakdown === 'product' ? readProducts(pool, query.orgId) : undefined,
  ]);
  return {
    ...metadataOf(
      query,
      grouped ? leastFresh(orders.freshness, grouped.freshness) : orders.freshness,
      orders,
    ),
    granularity: shownAs(orders.bucketing),
    ...salesFigures(query, orders),
    counted: breakdown && sourceOf(breakdown) === 'order_line' ? 'lines' : 'orders',
    ...(breakdown && grouped && { groups: groupsOf(query, breakdown, grouped, products) }),
  };
}

function groupsOf(
  query: SalesQuery,
  breakdown: Breakdown,
  sales: ComparedRows<SalesRow>,
  products: ReadonlyMap<string, ProductRecord> | undefined,
): SalesGroup[] {
  const nameOf = (row: SalesRow): string | null => row[columnOf(breakdown)] ?? null;
  const now = Map.groupBy(sales.rows, nameOf);
  const before = sales.rowsBefore && Map.groupBy(sales.rowsBefore, nameOf);
  const order = byRevenue(currenciesOf(tallyOrders(sales.rows)));
  const names = [...new Set([...now.keys(), ...(before?.keys() ?? [])])]
    .map((name) => ({ name, tally: tallyOrders(now.get(name) ?? []) }))
    .sort((a, b) => order(a.tally, b.tally) || compareNames(a.name, b.name))
    .map(({ name }) => name);
  const shown = names.slice(0, query.limit);
  const others = names.slice(query.limit);
  const groupOf = (name: string | null, members: readonly (string | null)[], rest: boolean): SalesGroup => ({
    name,
    ...(products && { productName: name === null ? null : (products.get(name)?.name ?? null) }),
    rest,
    ...salesFigures(query, {
      ...sales,
      rows: members.flatMap((member) => now.get(member) ?? []),
      rowsBefore: before && members.flatMap((member) => before.get(member) ?? []),
    }),
  });
  const groups = others.length > 0 ? shown.length + 1 : shown.length;
  refuseTooMany(sales.plan.boundaries.length - 1, query.range, groups);
  return [
    ...shown.map((name) => groupOf(name, [name], false)),
    ...(others.length > 0 ? [groupOf(null, others, true)] : []),
  ];
}

/** By name, with null last. */
function compareNames(a: string | null, b: string | null): number {
  return a === b ? 0 : b === null || (a !== null && a < b) ? -1 : 1;
}

function numbersOf(rows: readonly SalesRow[]): SalesNumbers {
  const tally = tallyOrders(rows);
  return { ...countsOf(tally), byCurrency: revenueByCurrency(tally) };
}

function salesFigures(
  query: SalesQuery,
  sales: ComparedRows<SalesRow>,
): { totals: SalesTotals; series: SalesPoint[] } {
  const { compare, now } = query;
  const { plan, planBefore, rows, rowsBefore } = sales;
  const tally = tallyOrders(rows);
  const before = rowsBefore && tallyOrders(rowsBefore);
  const counts = comparedEach(countsOf(tally), before && countsOf(before));
  const byBucket = Map.groupBy(rows, ({ bucket }) => bucket);
  const byBucketBefore = Map.groupBy(rowsBefore ?? [], ({ bucket }) => bucket);
  const aligned = counterpartsOf(query, sales);
  const startOf = (boundaries: readonly number[], bucket: number) =>
    new Date(boundaries[bucket] ?? Number.NaN).toISOString();
  const previousOf = (bucket: number): NonNullable<SalesPoint['previous']> | null => {
    const counterpart = aligned[bucket];
    if (counterpart === undefined || planBefore === undefined) return null;
    return {
      bucketStart: startOf(planBefore.boundaries, counterpart),
      ...numbersOf(byBucketBefore.get(counterpart) ?? []),
    };
  };
  return {
    totals: { ...counts, byCurrency: comparedRevenue(tally, before) },
    series: plan.boundaries.slice(0, -1).map((_, bucket) => ({
      bucketStart: startOf(plan.boundaries, bucket),
      ...partialOf(plan, bucket, now),
      ...numbersOf(byBucket.get(bucket) ?? []),
      ...(compare && { previous: previousOf(bucket) }),
    })),
  };
}
