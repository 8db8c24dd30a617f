import type { PoolClient } from 'pg';
import { inventory } from '../../events/types/inventory.ts';
import { order } from '../../events/types/order.ts';
import { storefront } from '../../events/types/storefront.ts';
import type { SelectedEvents } from '../rows/selected-events.ts';
import { foldOrders } from './orders.ts';
import { recordProducts } from './products.ts';
import { foldSessions } from './sessions.ts';

const shopTypes: readonly string[] = [order.type, storefront.type, inventory.type];

/** Whether events of these types concern a shop. */
export function concernsShop(types: readonly string[]): boolean {
  return types.some((type) => shopTypes.includes(type));
}

interface ShopEvents {
  events: SelectedEvents;
  ofSessions?: SelectedEvents;
  orders?: () => Promise<void>;
}

/**
 * Folds events into what shop figures need beside rollups: sessions, orders and products. Customers follow at the end of the
 * transaction (`foldCustomers`). Each event counts once, in the fold of its rollups.
 * @param ofSessions the events for sessions, if they differ
 * @param orders ties refunds to their orders; `foldOrders` unless given
 */
export async function foldShop(
  client: PoolClient,
  foldId: number,
  { events, ofSessions = events, orders = () => foldOrders(client, foldId, events) }: ShopEvents,
): Promise<void> {
  await foldSessions(client, foldId, ofSessions);
  await orders();
  await recordProducts(client, events);
}
