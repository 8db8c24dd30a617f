import { Temporal } from 'temporal-polyfill';
import type { Comparison } from './comparison.ts';
import type { Bucketing } from './time-buckets.ts';

/**
 * For each bucket, the index of the one it is compared with; `undefined` where there is none. Those before go by
 * their order. Hours and days of a year before go by the calendar of the zone: 29 February has none.
 * @param boundaries the start of each bucket, and the end of the last
 */
export const alignBuckets = (
  boundaries: readonly number[],
  before: readonly number[],
  comparison: Comparison,
  bucketing: Bucketing,
  zone: string,
): (number | undefined)[] => {
  const starts = boundaries.slice(0, -1);
  const last = before.length - 2;
  if (comparison === 'previous' || (bucketing !== 'day' && bucketing !== 'hour'))
    return starts.map((_, index) => (index <= last ? index : undefined));
  const indexOf = new Map(before.slice(0, -1).map((start, index) => [start, index]));
  return starts.map((start) => {
    const at = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zone);
    const then = at.subtract({ years: 1 });
    const index = indexOf.get(then.epochMilliseconds);
    // An hour that the clocks skipped then is no hour to compare with, and neither is one for two.
    return then.day === at.day && then.hour === at.hour ? index : undefined;
  });
};
