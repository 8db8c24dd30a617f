import type { Queryable } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';

/** The latest known state of a product. */
export interface ProductRecord {
  sku: string;
  name: string | null;
  collection: string | null;
  category: string | null;
  /** Units in stock, or their sum over all orgs together. `null` if no event ever named it. */
  stock: number | null;
  /** Time of the event that named the stock. */
  stock_at: Date | null;
}

const LATEST = `(array_agg(%s order by named_at desc nulls last, org_id))[1]`;

function latestOf(column: string): string {
  return `${LATEST.replace('%s', column)} as ${column}`;
}

/** The products of an org by SKU. For all orgs together, a SKU counts as the same product in each. */
export async function readProducts(pool: Queryable, orgId: string): Promise<Map<string, ProductRecord>> {
  const { rows } = await pool.query<ProductRecord>(
    orgId === ALL_ORGS
      ? `select sku, ${['name', 'collection', 'category'].map(latestOf).join(', ')},
           sum(stock)::bigint as stock, max(stock_at) as stock_at
         from analytics.products group by sku`
      : `select sku, name, collection, category, stock, stock_at from analytics.products where org_id = $1`,
    orgId === ALL_ORGS ? [] : [orgId],
  );
  return new Map(rows.map((row) => [row.sku, row]));
}
