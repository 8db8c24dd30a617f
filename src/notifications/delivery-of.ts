import type { Delivery } from './channel.ts';
import type { Leased } from './outbox.ts';

/** What a channel is given of a leased message. */
export const deliveryOf = ({ id, notice, recipient, orgId }: Leased, links: Delivery['links']): Delivery => ({
  // Messages are numbered alike in every installation, and two may share a receiver or the domain of a sender.
  id: `${notice.alertId}-${id}`,
  notice,
  recipient,
  orgId,
  links,
});
