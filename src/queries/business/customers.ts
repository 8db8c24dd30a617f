import type { Queries } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { span } from '../../telemetry/traces.ts';
import { type Compared, compared } from '../reading/comparison.ts';
import type { TimeRange } from '../reading/time-buckets.ts';

/** `null` of a time of which it is no longer kept who ordered: weeks of orders stay longer. */
export interface CustomerFigures {
  /** Distinct customers with a completed order. */
  customers: Compared;
  /** Completed orders that name no customer. */
  ordersWithoutCustomer: Compared;
}

/**
 * How many different customers ordered in a range, and in the one compared with. Exact over any whole minutes: a
 * distinct number is not the sum of those of its parts, so each customer's minutes are kept, each with the one before.
 */
export async function askCustomers(
  database: Queries,
  orgId: string,
  range: TimeRange,
  before: TimeRange | undefined,
): Promise<CustomerFigures> {
  const [now, then] = await Promise.all([
    countCustomers(database, orgId, range),
    before && countCustomers(database, orgId, before),
  ]);
  // After counting: a removal is noted before it begins, so what is not noted by now has been counted.
  const keptSince = await customersKeptSince(database);
  const ifKept = (of: TimeRange | undefined, counted: number | undefined): number | null =>
    of && of.start >= keptSince ? (counted ?? null) : null;
  return {
    customers: compared(ifKept(range, now.customers), ifKept(before, then?.customers)),
    ordersWithoutCustomer: compared(ifKept(range, now.anonymous), ifKept(before, then?.anonymous)),
  };
}

/** Milliseconds since the epoch. */
async function customersKeptSince(database: Queries): Promise<number> {
  const { rows } = await database.query<{ removed_before: Date }>(
    `select removed_before from analytics.removals where what = 'customer_orders'`,
  );
  return rows[0]?.removed_before.getTime() ?? Number.NEGATIVE_INFINITY;
}

interface Counted {
  customers: number;
  anonymous: number;
}

async function countCustomers(database: Queries, orgId: string, { start, end }: TimeRange): Promise<Counted> {
  const all = orgId === ALL_ORGS;
  const { rows } = await span('count customers', { all }, () =>
    database.query<Counted>(
      // Each customer by their first order in the range, which is the one with none since its start.
      `select count(*) filter (where before is null or before < $1) as customers,
         coalesce(sum(orders) filter (where before = minute), 0)::bigint as anonymous
       from analytics.customer_orders
       where minute >= $1 and minute < $2 ${all ? '' : 'and org_id = $3'}`,
      [new Date(start), new Date(end), ...(all ? [] : [orgId])],
    ),
  );
  return rows[0] ?? { customers: 0, anonymous: 0 };
}
