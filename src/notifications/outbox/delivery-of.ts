import type { Delivery } from '../channels/channel.ts';
import type { NoticeKind } from '../notice/notice.ts';
import type { Leased } from './outbox.ts';

/** What a channel is given of a leased message that says this by now. */
export function deliveryOf(
  { id, notice, recipient, orgId }: Leased,
  says: NoticeKind,
  links: Delivery['links'],
): Delivery {
  return {
    // Messages are numbered alike in every installation, and two may share a receiver or the domain of a sender.
    id: `${notice.alertId}-${id}`,
    notice: { ...notice, kind: says },
    recipient,
    orgId,
    links,
  };
}
