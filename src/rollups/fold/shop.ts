import type { PoolClient } from 'pg';
import { inventory } from '../../events/types/inventory.ts';
import { order } from '../../events/types/order.ts';
import { storefront } from '../../events/types/storefront.ts';
import type { SelectedEvents } from '../rows/selected-events.ts';
import { noteProducts } from './products.ts';
import { foldSessions } from './sessions.ts';

const shopTypes: readonly string[] = [order.type, storefront.type, inventory.type];

/** Whether a fold of events of these types has anything to do with a shop. */
export function concernsShop(types: readonly string[]): boolean {
  return types.some((type) => shopTypes.includes(type));
}

/**
 * Folds events into what a shop's questions need beside the sums of rollups: sessions and products, and, by
 * `foldCustomers` at the end of the transaction, customers. Each event once, within the fold of its rollups.
 * @param ofSessions the events that sessions are seen in, where they are others
 */
export async function foldShop(
  client: PoolClient,
  foldId: number,
  { events, ofSessions = events }: { events: SelectedEvents; ofSessions?: SelectedEvents },
): Promise<void> {
  await foldSessions(client, foldId, ofSessions);
  await noteProducts(client, events);
}
