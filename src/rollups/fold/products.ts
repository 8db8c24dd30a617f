import type { PoolClient } from 'pg';
import { inventory } from '../../events/types/inventory.ts';
import { order } from '../../events/types/order.ts';
import type { SelectedEvents } from '../rows/selected-events.ts';

/** Of a row that is there (`p`) and one that comes, sets these columns to those of the later one. */
function laterOf(columns: readonly string[]): string[] {
  const [at] = columns;
  const all = (of: string) => `(${columns.map((column) => `${of}.${column}`).join(', ')})`;
  // Of the same moment, the greater in every other column, so that the order of arrival does not matter.
  const isLater = `excluded.${at} is not null and (p.${at} is null or ${all('excluded')} > ${all('p')})`;
  return columns.map(
    (column) => `${column} = case when ${isLater} then excluded.${column} else p.${column} end`,
  );
}

const NAMED = laterOf(['named_at', 'name', 'collection', 'category']);
const STOCK = laterOf(['stock_at', 'stock']);

/**
 * Notes the last that events say of each product: its name, collection and category where it was bought (a refund
 * has those of its order, however old), and its stock. What was said earlier, or is said again, changes nothing.
 */
export async function noteProducts(client: PoolClient, { condition, values }: SelectedEvents): Promise<void> {
  await client.query(
    // Names and stock in one statement, and in one order for all workers: in two they could deadlock.
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
