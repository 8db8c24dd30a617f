import { createHash } from 'node:crypto';
import type { Delivery } from '../channels/channel.ts';
import { isUrgent, type Notice, type NoticeKind, severities } from '../notice/notice.ts';
import type { Leased } from './outbox.ts';

/** What a delivery has besides its message. */
export type Surroundings = Pick<Delivery, 'links' | 'timezone' | 'chart'>;

/** A leased message with the kind of notice that it tells now. */
export interface Telling {
  leased: Leased;
  says: NoticeKind;
}

/** The delivery that a channel gets for leased messages to one recipient. */
export function deliveryOf(told: readonly [Telling, ...Telling[]], surroundings: Surroundings): Delivery {
  const [first, ...others] = told.toSorted((a, b) => rankOf(b) - rankOf(a)) as [Telling, ...Telling[]];
  const { recipient, orgId } = first.leased;
  return {
    id: idOf(told),
    notice: noticeOf(first),
    ...(others.length > 0 && { others: others.map(noticeOf) }),
    recipient,
    orgId,
    ...surroundings,
  };
}

function noticeOf({ leased: { notice }, says }: Telling): Notice {
  return { ...notice, kind: says };
}

/** What fires comes before what is over or acknowledged, and then the most severe. */
function rankOf({ leased, says }: Telling): number {
  return severities.indexOf(leased.severity) + (isUrgent({ kind: says }) ? severities.length : 0);
}

/**
 * Every installation numbers its messages from 1, and two of them may share a receiver or a sender's domain. A delivery with
 * other messages has another id.
 */
function idOf(told: readonly [Telling, ...Telling[]]): string {
  const [{ leased }] = told;
  const id = `${leased.notice.alertId}-${leased.id}`;
  if (told.length === 1) return id;
  const ids = told.map((one) => one.leased.id).sort();
  return `${id}-${createHash('sha256').update(ids.join()).digest('hex').slice(0, 12)}`;
}
