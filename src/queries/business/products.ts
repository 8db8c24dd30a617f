import type { Pool } from 'pg';
import { type AdminQuery, type AnswerMetadata, metadataOf } from '../reading/admin-query.ts';
import { type ComparedRows, leastFresh, queryCompared } from '../reading/query-compared.ts';
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
  type ComparedRevenue,
  comparedEach,
  comparedRevenue,
  countsOf,
  currenciesOf,
  type OrderRow,
  type OrderTally,
  orderSelection,
  tallyOrders,
} from './order-figures.ts';
import { type ProductCollections, readProductCollections } from './product-collections.ts';
import { type ProductRecord, readProducts } from './product-records.ts';
import { type StorefrontRow, storefrontSelection } from './storefront-figures.ts';

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

export interface ProductsQuery extends AdminQuery {
  sort: ProductSort;
  order: 'asc' | 'desc';
  limit: number;
  offset: number;
  collection: string | undefined;
  category: string | undefined;
  stock: StockStatus | undefined;
  /** A stock of at most this many is low. */
  lowStock: number;
}

export interface ProductFigures extends ComparedItemCounts {
  sku: string;
  /** As when last sold; `null` if never sold. */
  name: string | null;
  collection: string | null;
  category: string | null;
  byCurrency: ComparedRevenue[];
  stock: { status: StockStatus; quantity: number | null; asOf: string | null };
}

export interface ProductsAnswer extends AnswerMetadata {
  /** Number of products that match; `products` is a page of them. */
  total: number;
  products: ProductFigures[];
  /** Matching products by stock status. */
  inventory: Record<StockStatus, number>;
  /** Matching products that need attention, the most urgent first, with the reasons. */
  needsAttention: { sku: string; name: string | null; reasons: Attention[] }[];
}

const MAX_NEEDING_ATTENTION = 50;
/** Falling sales are found by this comparison if the query asks for none. */
const DEFAULT_COMPARISON = 'previous';

type Row<R> = R & { sku: string | null };

/** All that is known of a product, before filtering and sorting. */
interface Product {
  sku: string;
  record: ProductRecord | undefined;
  tally: OrderTally;
  before: OrderTally | undefined;
  views: number;
  figures: ProductFigures;
  reasons: Attention[];
}

/** The views, cart additions, purchases, returns and stock of each product, and the products that need attention. */
export async function answerProducts(pool: Pool, query: ProductsQuery): Promise<ProductsAnswer> {
  const comparing: AdminQuery = { ...query, compare: query.compare ?? DEFAULT_COMPARISON };
  const [sales, visits, records] = await Promise.all([
    queryCompared<Row<OrderRow>>(pool, comparing, orderSelection('order_line', ['sku'])),
    queryCompared<StorefrontRow>(pool, comparing, storefrontSelection(['sku', 'collection'])),
    readProducts(pool, query.orgId),
  ]);
  const end = sales.plan.covered.end;
  const collections = await readProductCollections(pool, query.orgId, { now: end, before: end });
  const products = productsOf(query, { sales, visits, records, collections }).filter((product) =>
    matches(product, query),
  );
  const order = byRevenue(currenciesOf(tallyOrders(sales.rows)));
  products.sort(sortBy(query, order));
  const inNeed = products.filter(({ reasons }) => reasons.length > 0).sort(byUrgency);
  return {
    ...metadataOf(query, leastFresh(sales.freshness, visits.freshness), sales),
    total: products.length,
    products: products.slice(query.offset, query.offset + query.limit).map(({ figures }) => figures),
    inventory: inventoryOf(products),
    needsAttention: inNeed
      .slice(0, MAX_NEEDING_ATTENTION)
      .map(({ sku, figures, reasons }) => ({ sku, name: figures.name, reasons })),
  };
}

type RowPair<R> = Pick<ComparedRows<R>, 'rows' | 'rowsBefore'>;

interface KnownOfProducts {
  sales: RowPair<Row<OrderRow>>;
  visits: RowPair<StorefrontRow>;
  records: ReadonlyMap<string, ProductRecord>;
  collections: ProductCollections;
}

function productsOf(
  { compare, lowStock }: ProductsQuery,
  { sales, visits, records, collections }: KnownOfProducts,
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
      collection: collections.now(sku) ?? seen.get(sku)?.find((row) => row.collection)?.collection ?? null,
      category: record?.category ?? null,
      ...comparedEach(now, compare ? then : undefined),
      byCurrency: comparedRevenue(tally, shownBefore),
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
      comparedWith: compare ?? DEFAULT_COMPARISON,
      unitsReturned,
    };
    return { sku, record, tally, before, views, figures, reasons: attentionOf(demand, lowStock) };
  });
}

function matches({ figures }: Product, { collection, category, stock }: ProductsQuery): boolean {
  return (
    (collection === undefined || figures.collection === collection) &&
    (category === undefined || figures.category === category) &&
    (stock === undefined || figures.stock.status === stock)
  );
}

/** Unknown values come last in either order. Ties are broken by SKU, so that pages do not overlap. */
function sortBy({ sort, order }: ProductsQuery, revenue: (a: OrderTally, b: OrderTally) => number) {
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

/** By the most urgent reason, then by views. */
function byUrgency(a: Product, b: Product): number {
  const urgency = ({ reasons: [first] }: Product) => (first ? attentionReasons.indexOf(first.reason) : 0);
  return urgency(a) - urgency(b) || b.views - a.views || (a.sku < b.sku ? -1 : 1);
}

function inventoryOf(products: readonly Product[]): Record<StockStatus, number> {
  const inventory = { in_stock: 0, low: 0, out: 0, unknown: 0 };
  for (const { figures } of products) inventory[figures.stock.status]++;
  return inventory;
}
