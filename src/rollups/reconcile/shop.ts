import type { PoolClient } from 'pg';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { SHOP_FINE_KEEP } from '../../events/types/order.ts';
import { overRefund } from '../../events/types/over-refund.ts';
import { session, sessionStages } from '../../events/types/session.ts';
import { SECOND } from '../../time.ts';
import { customerOrdersSql, NO_CUSTOMER } from '../fold/customers.ts';
import { MOST_ENTRIES, orderEntriesSql } from '../fold/orders.ts';
import { sessionsSql } from '../fold/sessions.ts';
import { bucketSql, grainNamed } from '../grains.ts';
import { isOfKeptDay } from '../org-removals.ts';
import { rollupRowsSql } from '../rows/rollup-rows.ts';
import { isFolded } from '../rows/selected-events.ts';
import type { Drift } from './drift.ts';

const hour = grainNamed('hour');

/** A difference in one hour, as the statements below return it. */
interface Difference {
  org_id: string;
  hour: Date;
  what: string;
  raw: string | null;
  rolled_up: string | null;
}

/** Leaves out sessions that began before the range, since their first events may have been removed. */
function sessionsDifference(upTo: number | undefined): string {
  return `
  with counted as (
    select seen.org_id, ${bucketSql(hour, 'seen.started_at')} as hour, ($3::text[])[stage + 1] as what
    from (${sessionsSql(`occurred_at >= $1 and ${isFolded(upTo)} and ${isOfKeptDay('events')}`)}) as seen
    cross join lateral generate_series(0, seen.furthest) as stage
    where seen.started_at < $2 and not exists (
      select 1 from analytics.sessions s
      where s.org_id = seen.org_id and s.session_id = seen.session_id
        and (s.started_at < $1 or not ${isOfKeptDay('s', 'started_at')}))
  ),
  by_org as (
    select org_id, hour, what, count(*) as number from counted group by org_id, hour, what
  ),
  ${besideRollups(session.type, 'stage', 'count')}`;
}

/**
 * The end of a statement whose last part is `by_org`: adds the numbers of all orgs together, and returns the hours whose
 * rollups differ. For an org without raw events of an hour, its rollups are taken. `what` is a dimension of the series, and `number` the column of the rollups that is summed.
 */
function besideRollups(type: string, what: 'stage' | 'currency', number: 'count' | 'value_sum'): string {
  return `rows as (
    ${rollupRowsSql(
      [{ grain: hour, condition: 'r.bucket_start >= $1 and r.bucket_start < $2' }],
      ['org_id', 'series_id', 'bucket_start', number],
      `r.type = '${type}'`,
    )}
  ),
  rolled_up as (
    select r.org_id, ${bucketSql(hour, 'r.bucket_start')} as hour, s.${what} as what, sum(r.${number}) as number
    from rows r join analytics.series s on s.org_id = r.org_id and s.series_id = r.series_id
    group by 1, 2, 3
  ),
  of_orgs as (
    select org_id, hour, what, number from by_org where ${isOfKeptDay('by_org', 'hour')}
    union all
    select org_id, hour, what, number from rolled_up where not ${isOfKeptDay('rolled_up', 'hour')}
  ),
  raw as (
    select org_id, hour, what, number from of_orgs
    union all
    select '${ALL_ORGS}', hour, what, sum(number) from of_orgs group by hour, what
  )
  select org_id, hour, what, raw.number::text as raw, rolled_up.number::text as rolled_up
  from raw full join rolled_up using (org_id, hour, what)
  where coalesce(raw.number, 0) <> coalesce(rolled_up.number, 0)
  order by hour, org_id, what`;
}

/** The entries of orders that are full are not compared: later ones were not entered. */
function ordersDifference(upTo: number | undefined): string {
  return `
  with full_orders as (
    select org_id, order_id, currency from analytics.orders where cardinality(at) >= ${MOST_ENTRIES}
  ),
  raw as (
    select org_id, ${bucketSql(hour, 'at')} as hour, sum(amount) as amount, count(*) as entries
    from (${orderEntriesSql(
      `occurred_at >= $1 and occurred_at < $2 and ${isFolded(upTo)} and ${isOfKeptDay('events')}`,
    )}) as e
    where (org_id, order_id, currency) not in (select org_id, order_id, currency from full_orders)
    group by 1, 2
  ),
  kept as (
    select u.org_id, ${bucketSql(hour, 'u.at')} as hour, sum(u.amount) as amount, count(*) as entries
    from (
      select o.org_id, o.at as all_entries, u.at, u.amount
      from analytics.orders o, unnest(o.at, o.amounts) as u (at, amount)
    ) as u
    where u.at >= $1 and u.at < $2 and cardinality(u.all_entries) < ${MOST_ENTRIES} and ${isOfKeptDay('u', 'at')}
    group by 1, 2
  )
  select org_id, hour, 'orders' as what, (raw.entries || ' of ' || raw.amount) as raw,
    (kept.entries || ' of ' || kept.amount) as rolled_up
  from raw full join kept using (org_id, hour)
  where (raw.entries, raw.amount) is distinct from (kept.entries, kept.amount)
  order by hour, org_id`;
}

/** Compares the excess in the rollups with that of the table of orders. */
const OVER_REFUNDS = `
  with entries as (
    select o.org_id, o.currency, u.at, u.amount,
      sum(case when u.amount < 0 then -u.amount else 0 end) over (
        partition by o.org_id, o.order_id, o.currency order by u.at, u.amount desc rows unbounded preceding
      ) as given_back,
      sum(case when u.amount >= 0 then u.amount end) over (
        partition by o.org_id, o.order_id, o.currency) as paid
    from analytics.orders o, unnest(o.at, o.amounts) as u (at, amount)
  ),
  by_org as (
    select org_id, ${bucketSql(hour, 'at')} as hour, currency as what, sum(least(-amount, given_back - paid)) as number
    from entries
    where amount < 0 and given_back > paid and at >= $1 and at < $2
    group by 1, 2, 3
  ),
  ${besideRollups(overRefund.type, 'currency', 'value_sum')}`;

/** The order before an order may have been removed by retention. */
function customersDifference(upTo: number | undefined): string {
  return `
  with raw as (${customerOrdersSql(
    `occurred_at >= $1 and occurred_at < $2 and ${isFolded(upTo)} and ${isOfKeptDay('events')}`,
  )}),
  kept as (
    select * from analytics.customer_orders c
    where minute >= $1 and minute < $2 and ${isOfKeptDay('c', 'minute')}
  )
  select org_id, ${bucketSql(hour, 'minute')} as hour, 'customers' as what,
    sum(raw.orders)::text as raw, sum(kept.orders)::text as rolled_up
  from raw full join kept using (org_id, customer, minute)
  where raw.orders is distinct from kept.orders
  group by 1, 2
  union all
  select org_id, ${bucketSql(hour, 'minute')}, 'order before', count(last)::text, count(before)::text
  from (
    select org_id, minute, before, case when customer = '${NO_CUSTOMER}' then minute
      else lag(minute) over (partition by org_id, customer order by minute) end as last
    from analytics.customer_orders
    where (org_id, customer) in (select org_id, customer from kept)
  ) as k
  where minute >= $1 and minute < $2 and before is distinct from last
    and not (last is null and before < now() - interval '${SHOP_FINE_KEEP / SECOND} seconds')
  group by 1, 2
  order by 2, 1`;
}

/**
 * Compares sessions, orders and the orders of customers with raw events, in the snapshot of the transaction. The range must
 * be of whole hours that still have all raw events.
 * @param upTo as `batchesStoredUpTo` returns it
 */
export async function reconcileShop(
  client: PoolClient,
  { from, to }: { from: Date; to: Date },
  upTo: number | undefined,
): Promise<Drift[]> {
  const sessions = await client.query<Difference>(sessionsDifference(upTo), [from, to, sessionStages]);
  const customers = await client.query<Difference>(customersDifference(upTo), [from, to]);
  const orders = await client.query<Difference>(ordersDifference(upTo), [from, to]);
  const overRefunds = await client.query<Difference>(OVER_REFUNDS, [from, to]);
  return [
    ...driftsOf(session.type, sessions.rows),
    ...driftsOf('customer_orders', customers.rows),
    ...driftsOf('orders', orders.rows),
    ...driftsOf(overRefund.type, overRefunds.rows),
  ];
}

function driftsOf(type: string, rows: readonly Difference[]): Drift[] {
  const drifts = new Map<string, Drift>();
  for (const { org_id, hour, what, raw, rolled_up } of rows) {
    const key = `${hour.getTime()} ${org_id}`;
    const drift = drifts.get(key) ?? {
      orgId: org_id,
      type,
      grain: 'hour',
      bucketStart: hour,
      differences: [],
    };
    drift.differences.push({ what, raw: raw ?? '-', rolledUp: rolled_up ?? '-' });
    drifts.set(key, drift);
  }
  return [...drifts.values()];
}
