import type { PoolClient } from 'pg';
import { order } from '../../events/types/order.ts';
import { overRefund } from '../../events/types/over-refund.ts';
import { bucketStart, finestGrain } from '../grains.ts';
import type { SelectedEvents } from '../rows/selected-events.ts';
import { type DerivedRow, writeDerivedRows } from './derived-rows.ts';
import { excessOf, type OrderEntry } from './excess.ts';

/** Beyond so many events of one order, later ones are not entered: nobody refunds an order as often in earnest. */
export const MOST_ENTRIES = 1_000;
const MOST_BIGINT = 2n ** 63n - 1n;

/** The entries of each order among events. A refund of nothing gives nothing back. */
export function orderEntriesSql(condition: string): string {
  return `
  select org_id, order_id, currency, date_trunc('milliseconds', occurred_at) as at,
    case when status = 'completed' then value else -value end as amount
  from analytics.events
  where ${condition} and type = '${order.type}' and (case when status = 'completed' then value >= 0 else value > 0 end)`;
}

/** An order as `analytics.orders` returns it. */
export interface OrderRow {
  org_id: string;
  order_id: string;
  currency: string;
  at: Date[];
  amounts: (string | number)[];
  was_entries: number;
}

/** An order that events have changed: its entries, and those that its excess was written of. */
export interface ChangedOrder {
  orgId: string;
  orderId: string;
  currency: string;
  before: OrderEntry[];
  after: OrderEntry[];
}

export function changedOrderOf({
  org_id,
  order_id,
  currency,
  at,
  amounts,
  was_entries,
}: OrderRow): ChangedOrder {
  const after = at.map((time, index) => ({ at: time.getTime(), amount: BigInt(amounts[index] ?? 0) }));
  return { orgId: org_id, orderId: order_id, currency, before: after.slice(0, was_entries), after };
}

/** Enters events into the table of orders. All workers use one order, so that two with one order of a shop wait. */
export async function enterOrders(
  client: PoolClient,
  { condition, values }: SelectedEvents,
): Promise<ChangedOrder[]> {
  const { rows } = await client.query<OrderRow>(
    `insert into analytics.orders as o (org_id, order_id, currency, at, amounts, changed_at)
     select org_id, order_id, currency,
       (array_agg(at order by at, amount))[1:${MOST_ENTRIES}],
       (array_agg(amount order by at, amount))[1:${MOST_ENTRIES}],
       date_trunc('day', now())
     from (${orderEntriesSql(condition)}) as e
     group by org_id, order_id, currency
     order by org_id, order_id, currency
     on conflict (org_id, order_id, currency) do update set
       at = o.at || excluded.at, amounts = o.amounts || excluded.amounts,
       was_entries = cardinality(o.at), changed_at = excluded.changed_at
     where cardinality(o.at) < ${MOST_ENTRIES}
     returning org_id, order_id, currency, at, amounts, was_entries`,
    [...values],
  );
  return rows.map(changedOrderOf);
}

/**
 * Writes how the excess of orders has changed, as rows of a fold of the finest grain.
 * @param isGone says of a bucket that it has no rows of these orders any more, so that there is nothing to take back
 */
export async function writeExcess(
  client: PoolClient,
  foldId: number,
  orders: readonly ChangedOrder[],
  isGone: (at: number) => boolean = () => false,
): Promise<void> {
  const rows = new Map<string, DerivedRow & { value: bigint }>();
  const add = ({ orgId, currency }: ChangedOrder, at: number, amount: bigint, count: number) => {
    const bucket = bucketStart(finestGrain, at);
    const key = `${bucket} ${currency} ${orgId}`;
    const dimensions = { org_id: orgId, type: overRefund.type, currency };
    const row = rows.get(key) ?? { dimensions, bucketStart: bucket, count: 0, value: 0n };
    row.count += count;
    row.value += amount;
    rows.set(key, row);
  };
  for (const changed of orders) {
    for (const { at, amount } of excessOf(changed.before)) if (!isGone(at)) add(changed, at, -amount, -1);
    for (const { at, amount } of excessOf(changed.after)) add(changed, at, amount, 1);
  }
  const different = [...rows.values()].filter(({ count, value }) => count !== 0 || value !== 0n);
  await writeDerivedRows(
    client,
    foldId,
    overRefund.type,
    different.map((row) => ({ ...row, value: limited(row.value) })),
  );
}

/** Stops at the limit of a bigint, as the sums of rollups do. */
function limited(value: bigint): bigint {
  if (value > MOST_BIGINT) return MOST_BIGINT;
  return value < -MOST_BIGINT ? -MOST_BIGINT : value;
}

/**
 * Ties refunds and cancellations to their orders. The excess of an order does not depend on the order in which its
 * events arrive: the table keeps them, and a late one changes what was written before.
 */
export async function foldOrders(client: PoolClient, foldId: number, events: SelectedEvents): Promise<void> {
  await writeExcess(client, foldId, await enterOrders(client, events));
}
