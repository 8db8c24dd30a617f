import { DAY } from '../../../src/time.ts';

const MONDAY = 1;

/**
 * The latest midnight, in UTC, for which the two days before are compared with the two days before those. A range from a
 * Sunday or a Monday is compared with a week before, and one from the first of a month with a month before.
 */
export function endOfPlainDays(now: number): number {
  for (let end = Math.floor(now / DAY) * DAY; ; end -= DAY) {
    const start = new Date(end - 2 * DAY);
    if (start.getUTCDay() > MONDAY && start.getUTCDate() > 1) return end;
  }
}
