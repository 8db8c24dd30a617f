import { HOUR, MINUTE, SECOND } from '../../time.ts';
import type { DeliveryError } from '../channels/channel.ts';

const FIRST = SECOND;
const LONGEST = 5 * MINUTE;
/** A provider that asks for more is asked again earlier: an alert is worth a vain attempt. */
const LONGEST_ASKED = HOUR;
/** What could not be delivered in a day is of no use to anybody. */
export const GIVE_UP_AFTER = 24 * HOUR;

/**
 * Milliseconds until the next attempt: doubled each time, and shortened by up to a half by chance, so that many
 * that failed together do not come back together.
 * @param attempts made so far, at least 1
 * @param chance in `[0, 1)`
 */
export function retryDelay(attempts: number, error: DeliveryError, chance: number): number {
  const doubled = Math.min(LONGEST, FIRST * 2 ** (attempts - 1));
  const delay = doubled * (1 - chance / 2);
  return Math.max(delay, Math.min(LONGEST_ASKED, (error.retryAfterSeconds ?? 0) * SECOND));
}
