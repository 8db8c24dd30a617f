import type { Queryable } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { span } from '../../telemetry/traces.ts';
import { type Compared, compared } from '../reading/comparison.ts';
import type { TimeRange } from '../reading/time-buckets.ts';

/**
 * `null` for times whose customers are no longer kept. Weekly order figures are kept longer. `null` also of some labels:
 * the customers of a minute are kept without them.
 */
export interface CustomerFigures {
  /** Distinct customers with a completed order. */
  customers: Compared;
  /** Completed orders that name no customer. */
  ordersWithoutCustomer: Compared;
}

export const noCustomers: CustomerFigures = {
  customers: compared(null, null),
  ordersWithoutCustomer: compared(null, null),
};

/**
 * Counts the distinct customers of a range and of the range compared with. The count is exact over any whole minutes.
 * Distinct counts of parts cannot be added up, so the database keeps each customer's minutes, each with the one before.
 */
export async function queryCustomers(
  database: Queryable,
  orgId: string,
  range: TimeRange,
  before: TimeRange | undefined,
): Promise<CustomerFigures> {
  const [now, then] = await Promise.all([
    countCustomers(database, orgId, range),
    before && countCustomers(database, orgId, before),
  ]);
  // Read after counting. A removal is recorded before it begins, so customers of an unrecorded one were counted.
  const keptSince = await customersKeptSince(database);
  const ifKept = (of: TimeRange | undefined, counted: number | undefined): number | null =>
    of && of.start >= keptSince ? (counted ?? null) : null;
  return {
    customers: compared(ifKept(range, now.customers), ifKept(before, then?.customers)),
    ordersWithoutCustomer: compared(ifKept(range, now.anonymous), ifKept(before, then?.anonymous)),
  };
}

/** Milliseconds since the epoch. */
async function customersKeptSince(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ removed_before: Date }>(
    `select removed_before from analytics.removals where what = 'customer_orders'`,
  );
  return rows[0]?.removed_before.getTime() ?? Number.NEGATIVE_INFINITY;
}

interface CustomerCounts {
  customers: number;
  anonymous: number;
}

async function countCustomers(
  database: Queryable,
  orgId: string,
  { start, end }: TimeRange,
): Promise<CustomerCounts> {
  const all = orgId === ALL_ORGS;
  const { rows } = await span('count customers', { all }, () =>
    database.query<CustomerCounts>(
      // Counts each customer at their first order in the range: the one without another since the start.
      `select count(*) filter (where before is null or before < $1) as customers,
         coalesce(sum(orders) filter (where before = minute), 0)::bigint as anonymous
       from analytics.customer_orders
       where minute >= $1 and minute < $2 ${all ? '' : 'and org_id = $3'}`,
      [new Date(start), new Date(end), ...(all ? [] : [orgId])],
    ),
  );
  return rows[0] ?? { customers: 0, anonymous: 0 };
}
