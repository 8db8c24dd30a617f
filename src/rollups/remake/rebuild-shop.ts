import type { PoolClient } from 'pg';
import { type CustomerMinute, foldCustomers } from '../fold/customers.ts';
import { addPlatformRows } from '../fold/platform-rows.ts';
import { foldShop } from '../fold/shop.ts';
import { closeFold, openFold } from '../folds.ts';
import { finestGrain } from '../grains.ts';
import { isFolded } from '../rows/selected-events.ts';
import { rebuildOrders } from './rebuild-orders.ts';

/**
 * Makes the sessions, orders and customers of a range of whole days again from raw events, after the rollups of the range were
 * removed. Products belong to no range, so they are only brought up to date.
 *
 * A session that began in the range still has all its events and is counted again from the start. A session that began
 * earlier stays as it is, unless its events change it. The new rows wait for the next grain like those of any fold.
 * @param upTo as `batchesStoredUpTo` returns it
 */
export async function rebuildShop(
  client: PoolClient,
  range: { from: Date; to: Date },
  upTo: number | undefined,
): Promise<void> {
  const values = [range.from, range.to];
  await client.query('delete from analytics.sessions where started_at >= $1 and started_at < $2', values);
  const gone = await client.query<CustomerMinute>(
    'delete from analytics.customer_orders where minute >= $1 and minute < $2 returning org_id, customer, minute',
    values,
  );
  const foldId = await openFold(client, finestGrain);
  const events = { condition: `${isFolded(upTo)} and occurred_at >= $1 and occurred_at < $2`, values };
  await foldShop(client, foldId, {
    ofSessions: {
      condition: `${isFolded(upTo)} and (org_id, session_id) in (
        select org_id, session_id from analytics.events
        where occurred_at >= $1 and occurred_at < $2 and session_id is not null)`,
      values,
    },
    events,
    orders: () => rebuildOrders(client, foldId, { ...range, events }),
  });
  await addPlatformRows(client, finestGrain, foldId);
  await closeFold(client, foldId, finestGrain);
  await foldCustomers(client, events, gone.rows);
}
