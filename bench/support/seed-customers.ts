import type { Pool } from 'pg';
import { progress } from './progress.ts';

/** Customers of an org. Each order names one of them. */
const CUSTOMERS = 20_000;

/**
 * Seeds the orders of customers, like the fold, for the completed orders a day of the seeded series. One statement does
 * it: looking up the order before each afterwards took three times as long.
 */
export async function seedCustomers(pool: Pool, range: { from: number; to: number }): Promise<void> {
  progress('seeding, customers');
  await pool.query(
    `insert into analytics.customer_orders (org_id, customer, minute, orders, before)
     select org_id, customer, minute, 1, lag(minute) over (partition by org_id, customer order by minute)
     from (
       select distinct s.org_id, md5(s.org_id || floor(${CUSTOMERS} * random())::int)::uuid as customer,
         date_trunc('minute', day + random() * interval '1 day') as minute
       from (
         select org_id, day, floor(sum(daily) + random())::int as orders
         from bench.series, generate_series($1::timestamptz, $2::timestamptz, interval '1 day') as day
         where o >= 0 and type = 'order' and status = 'completed'
         group by 1, 2
       ) as s,
         generate_series(1, s.orders)
     ) as o
     order by minute`,
    [new Date(range.from), new Date(range.to - 1)],
  );
}
