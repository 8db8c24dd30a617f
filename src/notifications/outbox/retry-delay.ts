import { HOUR, MINUTE, SECOND } from '../../time.ts';
import type { DeliveryError } from '../channels/channel.ts';

const FIRST = SECOND;
const LONGEST = 5 * MINUTE;
/** A provider that asks for a longer delay is tried again after this time: an alert is worth a failed attempt. */
export const LONGEST_ASKED = HOUR;
/** An alert message that is a day late is of no use. */
export const GIVE_UP_AFTER = 24 * HOUR;

/**
 * Milliseconds until the next attempt. The delay doubles each time. A random part of up to a half is taken off, so that
 * messages that failed together are not all retried together.
 * @param attempts made so far, at least 1
 * @param chance a random number in `[0, 1)`
 */
export function retryDelay(attempts: number, error: DeliveryError, chance: number): number {
  const doubled = Math.min(LONGEST, FIRST * 2 ** (attempts - 1));
  const asked = Math.min(LONGEST_ASKED, (error.retryAfterSeconds ?? 0) * SECOND);
  // On top of the delay that the provider asked for, so that not everybody comes back when it ends.
  return Math.max(doubled * (1 - chance / 2), asked * (1 + chance / 10));
}
