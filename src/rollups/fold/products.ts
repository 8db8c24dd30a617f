import type { PoolClient } from 'pg';
import { inventory } from '../../events/types/inventory.ts';
import { order } from '../../events/types/order.ts';
import type { SelectedEvents } from '../rows/selected-events.ts';

/** Sets columns to those of the later row: the stored one (`p`) or the new one. The first column is the time. */
function laterOf(columns: readonly string[]): string[] {
  const [at] = columns;
  const all = (of: string) => `(${columns.map((column) => `${of}.${column}`).join(', ')})`;
  // At equal times the greater values win, so that the order of arrival does not matter.
  const isLater = `excluded.${at} is not null and (p.${at} is null or ${all('excluded')} > ${all('p')})`;
  return columns.map(
    (column) => `${column} = case when ${isLater} then excluded.${column} else p.${column} end`,
  );
}

const NAMED = laterOf(['named_at', 'name', 'collection', 'category']);
const STOCK = laterOf(['stock_at', 'stock']);

/**
 * Records the latest facts about each product: its stock, and its name, collection and category from completed orders.
 * Refunds do not count, since they repeat what was true at the time of the order. Older facts change nothing.
 */
export async function recordProducts(
  client: PoolClient,
  { condition, values }: SelectedEvents,
): Promise<void> {
  await client.query(
    // One statement for names and stock, and one order for all workers: with two statements, workers could deadlock.
    `with named as (
       select distinct on (org_id, sku) org_id, sku, attributes ->> 'name' as name, collection, category,
         occurred_at as named_at
       from analytics.events
       where ${condition} and type = '${order.lines?.type.type}' and status = 'completed'
       order by org_id, sku, occurred_at desc, name desc, collection desc, category desc
     ),
     counted as (
       select distinct on (org_id, sku) org_id, sku, quantity as stock, occurred_at as stock_at
       from analytics.events
       where ${condition} and type = '${inventory.type}'
       order by org_id, sku, occurred_at desc, quantity desc
     )
     insert into analytics.products as p (org_id, sku, name, collection, category, named_at, stock, stock_at)
     select org_id, sku, name, collection, category, named_at, stock, stock_at
     from named full join counted using (org_id, sku)
     order by org_id, sku
     on conflict (org_id, sku) do update set
       ${[...NAMED, ...STOCK].join(', ')}`,
    [...values],
  );
}
