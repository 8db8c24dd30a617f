import type { Queryable } from '../../database/pool.ts';
import { overRefund } from '../../events/types/over-refund.ts';
import type { AdminQuery } from '../reading/admin-query.ts';
import { type ComparedRows, leastFresh, queryCompared } from '../reading/query-compared.ts';
import type { Bucketing } from '../reading/time-buckets.ts';
import { type OrderRow, orderSelection } from './order-figures.ts';

/**
 * Queries whole orders, and what was given back beyond what was paid, as rows of the status `over_refunded`. The lines of
 * orders have no such rows, and nor do orders of some labels: what was given back too much is known of an order as a whole.
 */
export async function queryOrders<Row extends OrderRow>(
  database: Queryable,
  query: AdminQuery,
  bucketings: readonly Bucketing[] = ['whole'],
): Promise<ComparedRows<Row>> {
  if (query.labels !== undefined)
    return queryCompared<Row>(database, query, orderSelection('order'), { bucketings });
  const [orders, excess] = await Promise.all([
    queryCompared<Row>(database, query, orderSelection('order'), { bucketings }),
    queryCompared<Row>(
      database,
      query,
      {
        type: overRefund.type,
        filters: {},
        groupBy: ['currency'],
        columns: ['count', 'value_sum'],
        select: `'over_refunded' as status, sum(r.count)::float8 as count, 0::float8 as units,
          coalesce(sum(r.value_sum), 0)::float8 as amount`,
      },
      { bucketings },
    ),
  ]);
  return {
    ...orders,
    rows: [...orders.rows, ...excess.rows],
    rowsBefore: orders.rowsBefore && [...orders.rowsBefore, ...(excess.rowsBefore ?? [])],
    freshness: leastFresh(orders.freshness, excess.freshness),
  };
}
