import type { Pool } from 'pg';
import { ALL_ORGS } from '../../events/all-orgs.ts';

/** What was last said of a product. */
export interface ProductRecord {
  sku: string;
  name: string | null;
  collection: string | null;
  category: string | null;
  /** How many are in stock; of all orgs together, in all of them. `null` where it was never said. */
  stock: number | null;
  /** When that was said. */
  stock_at: Date | null;
}

const LAST = `(array_agg(%s order by named_at desc nulls last, org_id))[1]`;

function lastOf(column: string): string {
  return `${LAST.replace('%s', column)} as ${column}`;
}

/** The products of an org by SKU; of all orgs together, a SKU is taken for the same product in each. */
export async function readProducts(pool: Pool, orgId: string): Promise<Map<string, ProductRecord>> {
  const { rows } = await pool.query<ProductRecord>(
    orgId === ALL_ORGS
      ? `select sku, ${['name', 'collection', 'category'].map(lastOf).join(', ')},
           sum(stock)::bigint as stock, max(stock_at) as stock_at
         from analytics.products group by sku`
      : `select sku, name, collection, category, stock, stock_at from analytics.products where org_id = $1`,
    orgId === ALL_ORGS ? [] : [orgId],
  );
  return new Map(rows.map((row) => [row.sku, row]));
}
