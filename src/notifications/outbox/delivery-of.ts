import type { Delivery } from '../channels/channel.ts';
import type { NoticeKind } from '../notice/notice.ts';
import type { Leased } from './outbox.ts';

/** What a delivery has besides its message. */
export type Surroundings = Pick<Delivery, 'links' | 'timezone' | 'chart'>;

/** The delivery that a channel gets for a leased message. `says`: the kind of notice that it tells now. */
export function deliveryOf(
  { id, notice, recipient, orgId }: Leased,
  says: NoticeKind,
  surroundings: Surroundings,
): Delivery {
  return {
    // Every installation numbers its messages from 1, and two of them may share a receiver or a sender's domain.
    id: `${notice.alertId}-${id}`,
    notice: { ...notice, kind: says },
    recipient,
    orgId,
    ...surroundings,
  };
}
