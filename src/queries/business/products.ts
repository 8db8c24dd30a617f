import type { Pool } from 'pg';
import { type AdminFrame, type AdminQuestion, frameOf } from '../reading/admin-question.ts';
import { askCompared, leastFresh } from '../reading/ask-compared.ts';
import {
  type Attention,
  attentionOf,
  attentionReasons,
  type StockStatus,
  stockStatusOf,
} from './attention.ts';
import { type ComparedItemCounts, itemCounts } from './item-figures.ts';
import {
  byRevenue,
  type ComparedTakings,
  comparedEach,
  comparedTakings,
  countsOf,
  currenciesOf,
  type OrderRow,
  type OrderTally,
  orderRowsOf,
  tallyOrders,
} from './order-figures.ts';
import { type ProductRecord, readProducts } from './product-records.ts';
import { type StorefrontRow, storefrontRows } from './storefront-figures.ts';

export const productSorts = [
  'revenue',
  'unitsSold',
  'purchases',
  'views',
  'addsToCart',
  'conversion',
  'returns',
  'stock',
  'name',
  'sku',
] as const;
export type ProductSort = (typeof productSorts)[number];

export interface ProductsQuestion extends AdminQuestion {
  sort: ProductSort;
  order: 'asc' | 'desc';
  limit: number;
  offset: number;
  collection: string | undefined;
  category: string | undefined;
  stock: StockStatus | undefined;
  /** At most how many are few. */
  lowStock: number;
}

export interface ProductFigures extends ComparedItemCounts {
  sku: string;
  /** As last sold; `null` of one never sold. */
  name: string | null;
  collection: string | null;
  category: string | null;
  byCurrency: ComparedTakings[];
  stock: { status: StockStatus; quantity: number | null; asOf: string | null };
}

export interface ProductsAnswer extends AdminFrame {
  /** Products that match, of which `products` is a page. */
  total: number;
  products: ProductFigures[];
  /** How many of those that match stand how. */
  inventory: Record<StockStatus, number>;
  /** Those of the ones that match, the most urgent first; of each the reasons. */
  needsAttention: { sku: string; name: string | null; reasons: Attention[] }[];
}

const MOST_IN_NEED = 50;
/** With what falling sales are told even when no comparison is asked for. */
const UNLESS_ASKED = 'previous';

type Row<R> = R & { sku: string | null };

/** All that is known of a product, before it is shown. */
interface Product {
  sku: string;
  record: ProductRecord | undefined;
  tally: OrderTally;
  before: OrderTally | undefined;
  views: number;
  figures: ProductFigures;
  reasons: Attention[];
}

/** How each product does: seen, put into carts, bought, returned, in stock; and which of them need attention. */
export async function answerProducts(pool: Pool, question: ProductsQuestion): Promise<ProductsAnswer> {
  const comparing: AdminQuestion = { ...question, compare: question.compare ?? UNLESS_ASKED };
  const [sales, visits, records] = await Promise.all([
    askCompared<Row<OrderRow>>(pool, comparing, ['whole'], orderRowsOf('order_line', ['sku'])),
    askCompared<StorefrontRow>(pool, comparing, ['whole'], storefrontRows(['sku', 'collection'])),
    readProducts(pool, question.orgId),
  ]);
  const products = productsOf(question, sales, visits, records).filter((product) =>
    matches(product, question),
  );
  const order = byRevenue(currenciesOf(tallyOrders(sales.rows)));
  products.sort(sortBy(question, order));
  const inNeed = products.filter(({ reasons }) => reasons.length > 0).sort(byUrgency);
  return {
    ...frameOf(question, leastFresh(sales.freshness, visits.freshness), sales),
    total: products.length,
    products: products.slice(question.offset, question.offset + question.limit).map(({ figures }) => figures),
    inventory: inventoryOf(products),
    needsAttention: inNeed
      .slice(0, MOST_IN_NEED)
      .map(({ sku, figures, reasons }) => ({ sku, name: figures.name, reasons })),
  };
}

interface Pair<R> {
  rows: readonly R[];
  rowsBefore: readonly R[] | undefined;
}

function productsOf(
  { compare, lowStock }: ProductsQuestion,
  sales: Pair<Row<OrderRow>>,
  visits: Pair<StorefrontRow>,
  records: ReadonlyMap<string, ProductRecord>,
): Product[] {
  const bySku = <R extends { sku: string | null }>(rows: readonly R[] | undefined) =>
    Map.groupBy(rows ?? [], ({ sku }) => sku ?? '');
  const [sold, soldBefore] = [bySku(sales.rows), bySku(sales.rowsBefore)];
  const [seen, seenBefore] = [bySku(visits.rows), bySku(visits.rowsBefore)];
  const skus = new Set([sold, soldBefore, seen, seenBefore, records].flatMap((some) => [...some.keys()]));
  skus.delete('');
  return [...skus].map((sku) => {
    const record = records.get(sku);
    const tally = tallyOrders(sold.get(sku) ?? []);
    const before = sales.rowsBefore && tallyOrders(soldBefore.get(sku) ?? []);
    const now = itemCounts(tally, seen.get(sku));
    const then = before && visits.rowsBefore && itemCounts(before, seenBefore.get(sku));
    const shownBefore = compare ? before : undefined;
    const figures: ProductFigures = {
      sku,
      name: record?.name ?? null,
      collection: record?.collection ?? seen.get(sku)?.find((row) => row.collection)?.collection ?? null,
      category: record?.category ?? null,
      ...comparedEach(now, compare ? then : undefined),
      byCurrency: comparedTakings(tally, shownBefore),
      stock: {
        status: stockStatusOf(record?.stock ?? null, lowStock),
        quantity: record?.stock ?? null,
        asOf: record?.stock_at?.toISOString() ?? null,
      },
    };
    const { views, unitsSold, unitsReturned } = now;
    const demand = {
      stock: record?.stock ?? null,
      views,
      unitsSold,
      unitsSoldBefore: before ? countsOf(before).unitsSold : null,
      comparedWith: compare ?? UNLESS_ASKED,
      unitsReturned,
    };
    return { sku, record, tally, before, views, figures, reasons: attentionOf(demand, lowStock) };
  });
}

function matches({ figures }: Product, { collection, category, stock }: ProductsQuestion): boolean {
  return (
    (collection === undefined || figures.collection === collection) &&
    (category === undefined || figures.category === category) &&
    (stock === undefined || figures.stock.status === stock)
  );
}

/** What is unknown comes last, whichever way; equal ones by SKU, so that pages do not overlap. */
function sortBy({ sort, order }: ProductsQuestion, revenue: (a: OrderTally, b: OrderTally) => number) {
  const sign = order === 'asc' ? 1 : -1;
  const sortedBy = ({ figures }: Product): number | string | null => {
    if (sort === 'stock') return figures.stock.quantity;
    if (sort === 'name' || sort === 'sku') return figures[sort];
    return sort === 'returns' ? figures.unitsReturned.value : sort === 'revenue' ? null : figures[sort].value;
  };
  const compareValues = (a: Product, b: Product): number => {
    if (sort === 'revenue') return -sign * revenue(a.tally, b.tally);
    const [x, y] = [sortedBy(a), sortedBy(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return x === y ? 0 : x < y ? -sign : sign;
  };
  return (a: Product, b: Product): number => compareValues(a, b) || (a.sku < b.sku ? -1 : 1);
}

/** By the most urgent reason, then by how many look at it. */
function byUrgency(a: Product, b: Product): number {
  const urgency = ({ reasons: [first] }: Product) => (first ? attentionReasons.indexOf(first.reason) : 0);
  return urgency(a) - urgency(b) || b.views - a.views || (a.sku < b.sku ? -1 : 1);
}

function inventoryOf(products: readonly Product[]): Record<StockStatus, number> {
  const inventory = { in_stock: 0, low: 0, out: 0, unknown: 0 };
  for (const { figures } of products) inventory[figures.stock.status]++;
  return inventory;
}
