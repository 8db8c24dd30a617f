import type { Pool } from 'pg';
import { order } from '../../events/types/order.ts';
import { grainNamed } from '../../rollups/grains.ts';
import { rollupRowsSql } from '../../rollups/rows/rollup-rows.ts';

/** The collection of a product as of the end of the range, or of the range compared with. */
export interface ProductCollections {
  now(sku: string): string | undefined;
  before(sku: string): string | undefined;
}

/** A collection in which a product was sold, with the first and last day of its sales (milliseconds). */
interface SoldIn {
  collection: string;
  first: number;
  /** Before the end of the range, and before the end of the range compared with. */
  last: number | null;
  last_before: number | null;
}

const LINE = order.lines?.type.type ?? '';
const day = grainNamed('day');

const SERIES = `
  select sku, collection, array_agg(series_id::text) as ids
  from analytics.series
  where org_id = $1 and type = '${LINE}' and status = 'completed' and sku is not null and collection is not null
  group by sku, collection`;

const DAYS_OF_SALES = `
  select s.sku, s.collection, extract(epoch from min(r.bucket_start))::float8 * 1000 as first,
    extract(epoch from max(r.bucket_start) filter (where r.bucket_start < $3))::float8 * 1000 as last,
    extract(epoch from max(r.bucket_start) filter (where r.bucket_start < $4))::float8 * 1000 as last_before
  from (${rollupRowsSql(
    [{ grain: day, condition: 'true' }],
    ['series_id', 'bucket_start'],
    `r.org_id = $1 and r.type = '${LINE}' and r.series_id = any($2::bigint[])`,
  )}) as r
  join analytics.series s on s.org_id = $1 and s.series_id = r.series_id
  group by s.sku, s.collection`;

/** The collection of the last day of sales; if the product was sold later only, that of the first. */
function latest(sold: readonly SoldIn[], lastOf: (each: SoldIn) => number | null): string | undefined {
  const known = sold.filter((each) => lastOf(each) !== null);
  if (known.length > 0)
    return known.reduce((a, b) => ((lastOf(b) ?? 0) > (lastOf(a) ?? 0) ? b : a)).collection;
  return sold.toSorted((a, b) => a.first - b.first)[0]?.collection;
}

/**
 * The collections of products by the sales up to the ends of two ranges. A product that moves to another collection
 * keeps the old one in earlier ranges, so a past range shows the same figures for good. The days of sales are read only
 * for products that were sold in several collections, which are few.
 */
export async function readProductCollections(
  pool: Pool,
  orgId: string,
  ends: { now: number; before: number },
): Promise<ProductCollections> {
  const series = await pool.query<{ sku: string; collection: string; ids: string[] }>(SERIES, [orgId]);
  const bySku = Map.groupBy(series.rows, ({ sku }) => sku);
  const moved = [...bySku.values()].filter(({ length }) => length > 1).flat();
  const sales = new Map<string, (SoldIn & { sku: string })[]>();
  if (moved.length > 0) {
    const { rows } = await pool.query<SoldIn & { sku: string }>(DAYS_OF_SALES, [
      orgId,
      `{${moved.flatMap(({ ids }) => ids).join()}}`,
      new Date(ends.now),
      new Date(ends.before),
    ]);
    for (const [sku, sold] of Map.groupBy(rows, (row) => row.sku)) sales.set(sku, sold);
  }
  const collectionOf = (sku: string, lastOf: (each: SoldIn) => number | null): string | undefined => {
    const known = bySku.get(sku);
    return known?.length === 1 ? known[0]?.collection : latest(sales.get(sku) ?? [], lastOf);
  };
  return {
    now: (sku) => collectionOf(sku, ({ last }) => last),
    before: (sku) => collectionOf(sku, ({ last_before }) => last_before),
  };
}
