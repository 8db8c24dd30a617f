import { Temporal } from 'temporal-polyfill';
import { grainNamed } from '../../rollups/grains.ts';
import type { Comparison } from './comparison.ts';
import type { ReadPlan } from './read-plan.ts';
import type { Bucketing } from './time-buckets.ts';

/** How a range is cut into buckets, of which it may cover the first and the last in part. */
type Cut = Pick<ReadPlan, 'boundaries' | 'covered'>;

/** Of its width, how much more or less a bucket may cover than the one it is compared with: of a day, a quarter of an hour. */
const MOST_APART = 1 / 96;

/**
 * For each bucket, the index of the one it is compared with; `undefined` where there is none, or none that covers as
 * much. Those before go by their order. Hours and days of a year before go by the calendar of the zone: 29 February has none;
 * and so do the hours of whole days, as 8 o'clock is compared with 8 o'clock on the day the clocks change too.
 */
export function alignBuckets(
  cut: Cut,
  before: Cut,
  comparison: Comparison,
  bucketing: Bucketing,
  zone: string,
): (number | undefined)[] {
  const most = bucketing === 'whole' ? 0 : grainNamed(bucketing).width * MOST_APART;
  const coverAsMuch = (index: number, then: number): boolean =>
    Math.abs(uncovered(cut, index) - uncovered(before, then)) <= most;
  const step = stepBack(cut, before, comparison, bucketing, zone);
  const counterparts = step ? sameDates(cut, before, zone, step) : sameOrder(cut, before);
  return counterparts.map((then, index) =>
    then !== undefined && coverAsMuch(index, then) ? then : undefined,
  );
}

/** Milliseconds of a bucket that lie outside what is covered. */
function uncovered({ boundaries, covered }: Cut, index: number): number {
  const [start = 0, end = 0] = boundaries.slice(index, index + 2);
  return Math.max(0, covered.start - start) + Math.max(0, end - covered.end);
}

function startsOf({ boundaries }: Cut): number[] {
  return boundaries.slice(0, -1);
}

function sameOrder(cut: Cut, before: Cut): (number | undefined)[] {
  const last = before.boundaries.length - 2;
  return startsOf(cut).map((_, index) => (index <= last ? index : undefined));
}

type Step = { years: number } | { days: number };

/** How far back by the calendar a bucket's counterpart is; `undefined` where they go by their order. */
function stepBack(
  { covered }: Cut,
  { covered: coveredBefore }: Cut,
  comparison: Comparison,
  bucketing: Bucketing,
  zone: string,
): Step | undefined {
  if (comparison === 'year') return bucketing === 'day' || bucketing === 'hour' ? { years: 1 } : undefined;
  if (bucketing !== 'hour') return undefined;
  const [start, then] = [inZone(covered.start, zone), inZone(coveredBefore.start, zone)];
  const areMidnights = start.equals(start.startOfDay()) && then.equals(then.startOfDay());
  return areMidnights ? { days: then.until(start, { largestUnit: 'days' }).days } : undefined;
}

function inZone(millis: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(millis).toZonedDateTimeISO(zone);
}

function sameDates(cut: Cut, before: Cut, zone: string, step: Step): (number | undefined)[] {
  const indexOf = new Map(startsOf(before).map((start, index) => [start, index]));
  return startsOf(cut).map((start) => {
    const at = inZone(start, zone);
    const then = at.subtract(step);
    const index = indexOf.get(then.epochMilliseconds);
    // 29 February has no day a year before, and an hour that the clocks skipped then is no hour to compare with.
    const isOff = ('years' in step && then.day !== at.day) || then.hour !== at.hour;
    return isOff ? undefined : index;
  });
}
