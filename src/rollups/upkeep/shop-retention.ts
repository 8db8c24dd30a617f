import { SHOP_FINE_KEEP } from '../../events/types/order.ts';
import { DAY, HOUR } from '../../time.ts';
import type { TimedRemoval } from './remove-by-time.ts';

/** How long a session is remembered beyond its raw events, which could still change what it counts for. */
const SESSION_MARGIN = 2 * DAY;

/**
 * The removals of the shop's own tables. The age of a session counts from its last change. Imported sessions began long ago,
 * and the events of one session may come in several batches.
 */
export function shopRemovals(rawRetention: number, now: number): TimedRemoval[] {
  return [
    {
      table: 'sessions',
      time: 'changed_at',
      where: 'true',
      before: new Date(now - rawRetention - SESSION_MARGIN),
      step: HOUR,
    },
    {
      // Later refunds of such an order count in full, since what was paid is not known any more.
      table: 'orders',
      time: 'changed_at',
      where: 'true',
      before: new Date(now - SHOP_FINE_KEEP),
      step: HOUR,
    },
    {
      table: 'customer_orders',
      time: 'minute',
      where: 'true',
      before: new Date(now - SHOP_FINE_KEEP),
      recorded: true,
      step: HOUR,
    },
    { table: 'products', time: 'seen_at', where: 'true', before: new Date(now - SHOP_FINE_KEEP), step: DAY },
  ];
}
