import type { PoolClient } from 'pg';
import {
  type ChangedOrder,
  changedOrderOf,
  enterOrders,
  type OrderRow,
  writeExcess,
} from '../fold/orders.ts';
import type { SelectedEvents } from '../rows/selected-events.ts';

interface RebuiltRange {
  from: Date;
  to: Date;
  /** The events of the range. */
  events: SelectedEvents;
}

function keyOf({ orgId, orderId, currency }: ChangedOrder): string {
  return JSON.stringify([orgId, orderId, currency]);
}

/**
 * Makes the entries of orders in a range again from raw events, and writes the excess again, after the rollups of the
 * range were removed. An order may have entries outside the range, which stay as they are.
 */
export async function rebuildOrders(
  client: PoolClient,
  foldId: number,
  { from, to, events }: RebuiltRange,
): Promise<void> {
  const isInRange = (at: number) => at >= from.getTime() && at < to.getTime();
  const gone = await client.query<OrderRow>(
    `delete from analytics.orders
     where exists (select from unnest(at) as entry where entry >= $1 and entry < $2)
     returning org_id, order_id, currency, at, amounts, was_entries`,
    [from, to],
  );
  const removed = gone.rows.map((row) => {
    const { after, ...order } = changedOrderOf(row);
    return { ...order, before: after, after: after.filter(({ at }) => !isInRange(at)) };
  });
  await restore(client, removed);
  const orders = new Map(removed.map((order) => [keyOf(order), order]));
  for (const entered of await enterOrders(client, events)) {
    const before = orders.get(keyOf(entered))?.before ?? entered.before;
    orders.set(keyOf(entered), { ...entered, before });
  }
  await writeExcess(client, foldId, [...orders.values()], isInRange);
}

/** Enters again what an order has outside the range. */
async function restore(client: PoolClient, orders: readonly ChangedOrder[]): Promise<void> {
  const kept = orders.filter(({ after }) => after.length > 0);
  if (kept.length === 0) return;
  await client.query(
    `insert into analytics.orders (org_id, order_id, currency, at, amounts, changed_at)
     select org_id, order_id, currency, at, amounts, date_trunc('day', now())
     from json_to_recordset($1::json) as o (
       org_id text, order_id text, currency text, at timestamptz[], amounts bigint[])`,
    [
      JSON.stringify(
        kept.map(({ orgId, orderId, currency, after }) => ({
          org_id: orgId,
          order_id: orderId,
          currency,
          at: after.map(({ at }) => new Date(at)),
          amounts: after.map(({ amount }) => String(amount)),
        })),
      ),
    ],
  );
}
