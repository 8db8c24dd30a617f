import type { Queries } from '../../database/pool.ts';
import { type AdminFrame, type AdminQuestion, frameOf } from '../reading/admin-question.ts';
import { askCompared } from '../reading/ask-compared.ts';
import type { Compared } from '../reading/comparison.ts';
import { askCustomers } from './customers.ts';
import {
  type ComparedTakings,
  comparedAverage,
  comparedEach,
  comparedTakings,
  countsOf,
  type OrderRow,
  orderRowsOf,
  tallyOrders,
} from './order-figures.ts';

export interface BusinessOverview extends AdminFrame {
  /** Orders completed, refunded, and cancelled in the range, whatever their currency. */
  orders: Compared;
  refundedOrders: Compared;
  cancelledOrders: Compared;
  unitsSold: Compared;
  unitsReturned: Compared;
  /** Distinct customers with a completed order. */
  customers: Compared;
  /** Completed orders that name no customer. */
  ordersWithoutCustomer: Compared;
  /** Of most orders first. */
  byCurrency: (ComparedTakings & { averageOrderCents: Compared })[];
}

/** What a shop earned, how many orders that took, and from how many customers. */
export async function answerBusinessOverview(
  database: Queries,
  question: AdminQuestion,
): Promise<BusinessOverview> {
  const asked = await askCompared<OrderRow>(database, question, ['whole'], orderRowsOf('order'));
  const { plan, planBefore, rows, rowsBefore, freshness } = asked;
  const customers = await askCustomers(database, question.orgId, plan.covered, planBefore?.covered);
  const tally = tallyOrders(rows);
  const before = rowsBefore && tallyOrders(rowsBefore);
  const { completed, refunded, cancelled, ...units } = comparedEach(
    countsOf(tally),
    before && countsOf(before),
  );
  return {
    ...frameOf(question, freshness, asked),
    orders: completed,
    refundedOrders: refunded,
    cancelledOrders: cancelled,
    ...units,
    ...customers,
    byCurrency: comparedTakings(tally, before).map((takings) => ({
      ...takings,
      averageOrderCents: comparedAverage(takings.currency, tally, before),
    })),
  };
}
