import { jwtVerify, SignJWT } from 'jose';
import { type Clock, DAY, SECOND } from '../../time.ts';
import type { Delivery } from '../channels/channel.ts';
import type { Leased } from './outbox.ts';

/** After this time a link no longer acknowledges: an old mail says too little about the alert now. */
const VALID_FOR = 7 * DAY;
const AUDIENCE = 'acknowledge';
/** The page that shows an alert and has the button to acknowledge it. */
export const ACKNOWLEDGE_PATH = '/api/v1/analytics/alerts/acknowledge';

/** What a message tells. */
export interface Linked {
  /** Whether it tells several alerts. Its link then acknowledges all of them. */
  isMany: boolean;
  /** Whether all its alerts are over or acknowledged. */
  isOver: boolean;
}

/** The content of a link: the alert, and the recipient whom it was sent to. */
export interface AcknowledgeClaim {
  alertId: string;
  /** The delivery whose alerts it is for; absent: it is for the alert alone. */
  delivery?: string;
  recipient: string;
}

/** The page of an alert in the console; without an id, the page of all alerts. */
function consolePage(publicUrl: string, alertId: string): string {
  return `${publicUrl.replace(/\/$/, '')}/console/alerts${alertId === '' ? '' : `/${alertId}`}`;
}

/** The links of a message; none if the service has no public address. */
export function acknowledgeLinks(publicUrl: string | undefined, key: Uint8Array, clock: Clock) {
  return async (
    { alertId, channel, recipient, toldWith }: Leased,
    { isMany, isOver }: Linked,
  ): Promise<Delivery['links']> => {
    if (publicUrl === undefined || alertId === null) return {};
    const page = consolePage(publicUrl, isMany ? '' : alertId);
    if (isOver) return { alert: page };
    const token = await new SignJWT({ alert: alertId, ...(isMany && { delivery: toldWith }) })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience(AUDIENCE)
      .setSubject(`${channel}:${recipient}`)
      .setExpirationTime(Math.floor((clock.now() + VALID_FOR) / SECOND))
      .sign(key);
    return { alert: page, acknowledge: `${publicUrl.replace(/\/$/, '')}${ACKNOWLEDGE_PATH}?token=${token}` };
  };
}

/** Reads the token of a link; `undefined`: the signature is wrong, or the token is too old. */
export async function readAcknowledgeToken(
  token: string,
  key: Uint8Array,
  clock: Clock,
): Promise<AcknowledgeClaim | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, {
      audience: AUDIENCE,
      algorithms: ['HS256'],
      currentDate: new Date(clock.now()),
    });
    const { alert, delivery, sub } = payload;
    if (typeof alert !== 'string' || sub === undefined) return undefined;
    return { alertId: alert, recipient: sub, ...(typeof delivery === 'string' && { delivery }) };
  } catch {
    return undefined;
  }
}
