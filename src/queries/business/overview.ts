import type { Queryable } from '../../database/pool.ts';
import { type AdminQuery, type AnswerMetadata, metadataOf } from '../reading/admin-query.ts';
import { type Compared, compared } from '../reading/comparison.ts';
import { noCustomers, queryCustomers } from './customers.ts';
import {
  type ComparedRevenue,
  comparedAverage,
  comparedEach,
  comparedRevenue,
  countsOf,
  overRefundsOf,
  tallyOrders,
} from './order-figures.ts';
import { type ComparedOrderValues, queryOrderValues } from './order-values.ts';
import { queryOrders } from './query-orders.ts';

export interface BusinessOverview extends AnswerMetadata {
  /** Orders completed, refunded and cancelled in the range, over all currencies. */
  orders: Compared;
  refundedOrders: Compared;
  cancelledOrders: Compared;
  /** Refunds and cancellations of more than was left of their orders. */
  overRefunds: Compared;
  unitsSold: Compared;
  unitsReturned: Compared;
  /** Distinct customers with a completed order. */
  customers: Compared;
  /** Completed orders that name no customer. */
  ordersWithoutCustomer: Compared;
  /** The currency with most orders first. */
  byCurrency: (ComparedRevenue & { averageOrderCents: Compared; orderValueCents: ComparedOrderValues })[];
}

/** The revenue, the orders and the customers of a shop. */
export async function answerBusinessOverview(
  database: Queryable,
  query: AdminQuery,
): Promise<BusinessOverview> {
  const [result, valuesOf] = await Promise.all([
    queryOrders(database, query),
    queryOrderValues(database, query),
  ]);
  const { plan, planBefore, rows, rowsBefore, freshness } = result;
  const customers =
    query.labels === undefined
      ? await queryCustomers(database, query.orgId, plan.covered, planBefore?.covered)
      : noCustomers;
  const tally = tallyOrders(rows);
  const before = rowsBefore && tallyOrders(rowsBefore);
  const { completed, refunded, cancelled, ...units } = comparedEach(
    countsOf(tally),
    before && countsOf(before),
  );
  return {
    ...metadataOf(query, freshness, result),
    orders: completed,
    refundedOrders: refunded,
    cancelledOrders: cancelled,
    overRefunds:
      query.labels === undefined
        ? compared(overRefundsOf(tally), before ? overRefundsOf(before) : null)
        : compared(null, null),
    ...units,
    ...customers,
    byCurrency: comparedRevenue(tally, before).map((revenue) => ({
      ...revenue,
      averageOrderCents: comparedAverage(revenue.currency, tally, before),
      orderValueCents: valuesOf(revenue.currency),
    })),
  };
}
