import { Temporal } from 'temporal-polyfill';
import type { ComparedPlans } from './compared-plans.ts';
import type { Comparison } from './comparison.ts';
import type { ReadPlan } from './read-plan.ts';
import { type Bucketing, widthOf } from './time-buckets.ts';

/** The buckets of a range, which may cover the first and the last only in part. */
type Buckets = Pick<ReadPlan, 'boundaries' | 'covered'>;

/** Two compared buckets may differ by this share of their width in what they cover: 15 minutes of a day. */
const MAX_COVERAGE_DIFFERENCE = 1 / 96;

interface Alignment {
  comparison: Comparison;
  bucketing: Bucketing;
  zone: string;
}

/**
 * For each bucket, the index of the earlier bucket that it is compared with. `undefined` where there is none, or none
 * that covers as much.
 *
 * Buckets are matched by their order, with two exceptions that go by the calendar of the zone. Hours and days of a year
 * before have the same date, so 29 February has no counterpart. Hours of whole days have the same time of day: 8 o'clock
 * is compared with 8 o'clock even on the day the clocks change.
 */
export function alignBuckets(
  buckets: Buckets,
  before: Buckets,
  alignment: Alignment,
): (number | undefined)[] {
  const { bucketing, zone } = alignment;
  const allowed = bucketing === 'whole' ? 0 : widthOf(bucketing) * MAX_COVERAGE_DIFFERENCE;
  const coverAsMuch = (index: number, then: number): boolean =>
    Math.abs(uncovered(buckets, index) - uncovered(before, then)) <= allowed;
  const step = stepBack(buckets, before, alignment);
  const counterparts = step ? sameDates(buckets, before, zone, step) : sameOrder(buckets, before);
  return counterparts.map((then, index) =>
    then !== undefined && coverAsMuch(index, then) ? then : undefined,
  );
}

/** The counterparts of the buckets of a planned range. Ranges that are cut differently have no counterparts. */
export function counterpartsOf(
  { compare, timezone: zone }: { compare?: Comparison | undefined; timezone: string },
  { plan, bucketing, planBefore, bucketingBefore }: ComparedPlans,
): (number | undefined)[] {
  if (compare === undefined || planBefore === undefined || bucketing !== bucketingBefore) return [];
  return alignBuckets(plan, planBefore, { comparison: compare, bucketing, zone });
}

/** Milliseconds of a bucket that lie outside the covered range. */
function uncovered({ boundaries, covered }: Buckets, index: number): number {
  const [start = 0, end = 0] = boundaries.slice(index, index + 2);
  return Math.max(0, covered.start - start) + Math.max(0, end - covered.end);
}

function startsOf({ boundaries }: Buckets): number[] {
  return boundaries.slice(0, -1);
}

function sameOrder(buckets: Buckets, before: Buckets): (number | undefined)[] {
  const last = before.boundaries.length - 2;
  return startsOf(buckets).map((_, index) => (index <= last ? index : undefined));
}

type Step = { years: number } | { days: number };

/** How far back by the calendar a bucket's counterpart is; `undefined` where buckets are matched by their order. */
function stepBack(
  { covered }: Buckets,
  { covered: coveredBefore }: Buckets,
  { comparison, bucketing, zone }: Alignment,
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

function sameDates(buckets: Buckets, before: Buckets, zone: string, step: Step): (number | undefined)[] {
  const indexOf = new Map(startsOf(before).map((start, index) => [start, index]));
  return startsOf(buckets).map((start) => {
    const at = inZone(start, zone);
    const then = at.subtract(step);
    const index = indexOf.get(then.epochMilliseconds);
    // 29 February has no counterpart a year before, and neither has an hour that the clocks skipped then.
    const isOff = ('years' in step && then.day !== at.day) || then.hour !== at.hour;
    return isOff ? undefined : index;
  });
}
