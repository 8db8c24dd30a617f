import type { PoolClient } from 'pg';
import { LOCK_SPACE, lockNumbers } from '../../database/advisory-locks.ts';
import { citusState } from '../../database/extensions/citus.ts';
import { order } from '../../events/types/order.ts';
import { MINUTE } from '../../time.ts';
import { finestGrain } from '../grains.ts';
import type { SelectedEvents } from '../rows/selected-events.ts';
import { refuseIncompleteFolds } from './incomplete.ts';

/** Stands for all customers of orders without a customer. */
export const NO_CUSTOMER = '00000000-0000-0000-0000-000000000000';
/** Citus settles every minute what a failed node has prepared. Older folds are not waited for. */
const NODES_SETTLED = 10 * MINUTE;

/** The hash of org and customer id. The same customer id in two orgs means two customers. */
const CUSTOMER = `case
  when customer_id is null then '${NO_CUSTOMER}'
  else encode(substring(sha256(convert_to(length(org_id) || ':' || org_id || customer_id, 'UTF8')) for 16), 'hex')
end::uuid`;

/** The completed orders among events by org, customer and minute, as `analytics.customer_orders` stores them. */
export function customerOrdersSql(condition: string): string {
  return `
  select org_id, ${CUSTOMER} as customer, date_trunc('minute', occurred_at) as minute, count(*) as orders
  from analytics.events
  where ${condition} and type = '${order.type}' and status = 'completed'
  group by 1, 2, 3`;
}

/** A minute in which a customer has orders, or no longer has. */
export interface CustomerMinute {
  org_id: string;
  customer: string;
  minute: Date;
}

/**
 * Adds events to the orders of each customer; like in rollups, each event counts once. It must come last in a
 * transaction, since it blocks the same step of all other folds until the transaction ends.
 * @param gone minutes that this transaction has removed
 */
export async function foldCustomers(
  client: PoolClient,
  { condition, values }: SelectedEvents,
  gone: readonly CustomerMinute[] = [],
): Promise<void> {
  await lockCustomerOrders(client);
  const distributed = (await citusState(client)) === 'distributed';
  // Else a customer's order would be linked past one that a failed node does not show yet.
  if (distributed) await refuseIncompleteFolds(client, [finestGrain], NODES_SETTLED);
  const { rows } = await client.query<CustomerMinute>(
    `insert into analytics.customer_orders as c (org_id, customer, minute, orders, before)
     select org_id, customer, minute, orders, case when customer = '${NO_CUSTOMER}' then minute end
     from (${customerOrdersSql(condition)}) as o
     on conflict (org_id, customer, minute) do update set orders = c.orders + excluded.orders
     returning org_id, customer, minute`,
    [...values],
  );
  await linkMinutes(
    client,
    [...rows, ...gone].filter(({ customer }) => customer !== NO_CUSTOMER),
    distributed,
  );
}

/**
 * Lets one fold at a time add orders. Two folds of one customer would not see each other's minutes, and each would link
 * its own minutes to older ones.
 *
 * A lock of the table would not do: PostgreSQL cancels an autovacuum for it, and a shop folds every second. On Citus all
 * folds go through the coordinator, which releases the lock once the nodes have committed.
 */
async function lockCustomerOrders(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, $2)', [LOCK_SPACE, lockNumbers.customerOrders]);
}

/** Links all minutes of the customers: a distributed table does not allow a lookup of the minute before each. */
const LINK_ON_NODES = `
  update analytics.customer_orders c
  set before = l.before
  from (
    select o.org_id, o.customer, o.minute,
      lag(o.minute) over (partition by o.org_id, o.customer order by o.minute) as before
    from analytics.customer_orders o
    where (o.org_id, o.customer) in (
      select org_id collate "C", customer from json_to_recordset($1::json) as m (org_id text, customer uuid))
  ) as l
  where c.org_id = l.org_id and c.customer = l.customer and c.minute = l.minute
    and c.before is distinct from l.before`;

/** Sets `before`, the customer's minute before, for each of these minutes and for the one that follows it. */
async function linkMinutes(
  client: PoolClient,
  minutes: readonly CustomerMinute[],
  distributed: boolean,
): Promise<void> {
  if (minutes.length === 0) return;
  if (distributed) {
    await client.query(LINK_ON_NODES, [JSON.stringify(minutes)]);
    return;
  }
  await client.query(
    `with changed as materialized (
       select * from json_to_recordset($1::json) as m (org_id text, customer uuid, minute timestamptz)
     ),
     affected as (
       select * from changed
       union
       select m.org_id, m.customer, next.minute
       from changed m cross join lateral (
         select n.minute from analytics.customer_orders n
         where n.org_id = m.org_id collate "C" and n.customer = m.customer and n.minute > m.minute
         order by n.minute limit 1) as next
     ),
     linked as (
       select a.*, (
         select max(p.minute) from analytics.customer_orders p
         where p.org_id = a.org_id collate "C" and p.customer = a.customer and p.minute < a.minute) as before
       from affected a
     )
     update analytics.customer_orders c
     set before = l.before
     from linked l
     where c.org_id = l.org_id collate "C" and c.customer = l.customer and c.minute = l.minute
       and c.before is distinct from l.before`,
    [JSON.stringify(minutes)],
  );
}
