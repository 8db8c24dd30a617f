import { Temporal } from 'temporal-polyfill';
import { grainNamed } from '../rollups/grains.ts';
import type { Comparison } from './comparison.ts';
import type { ReadPlan } from './read-plan.ts';
import type { Bucketing } from './time-buckets.ts';

/** How a range is cut into buckets, of which it may cover the first and the last in part. */
type Cut = Pick<ReadPlan, 'boundaries' | 'covered'>;

/** Of its width, how much more or less a bucket may cover than the one it is compared with: of a day, a quarter of an hour. */
const MOST_APART = 1 / 96;

/**
 * For each bucket, the index of the one it is compared with; `undefined` where there is none, or none that covers as
 * much. Those before go by their order. Hours and days of a year before go by the calendar of the zone: 29 February has none.
 */
export const alignBuckets = (
  cut: Cut,
  before: Cut,
  comparison: Comparison,
  bucketing: Bucketing,
  zone: string,
): (number | undefined)[] => {
  const most = bucketing === 'whole' ? 0 : grainNamed(bucketing).width * MOST_APART;
  const coverAsMuch = (index: number, then: number): boolean =>
    Math.abs(uncovered(cut, index) - uncovered(before, then)) <= most;
  const byDate = comparison === 'year' && (bucketing === 'day' || bucketing === 'hour');
  const counterparts = byDate ? sameDates(cut, before, zone) : sameOrder(cut, before);
  return counterparts.map((then, index) =>
    then !== undefined && coverAsMuch(index, then) ? then : undefined,
  );
};

/** Milliseconds of a bucket that lie outside what is covered. */
const uncovered = ({ boundaries, covered }: Cut, index: number): number => {
  const [start = 0, end = 0] = boundaries.slice(index, index + 2);
  return Math.max(0, covered.start - start) + Math.max(0, end - covered.end);
};

const startsOf = ({ boundaries }: Cut): number[] => boundaries.slice(0, -1);

const sameOrder = (cut: Cut, before: Cut): (number | undefined)[] => {
  const last = before.boundaries.length - 2;
  return startsOf(cut).map((_, index) => (index <= last ? index : undefined));
};

const sameDates = (cut: Cut, before: Cut, zone: string): (number | undefined)[] => {
  const indexOf = new Map(startsOf(before).map((start, index) => [start, index]));
  return startsOf(cut).map((start) => {
    const at = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zone);
    const then = at.subtract({ years: 1 });
    const index = indexOf.get(then.epochMilliseconds);
    // An hour that the clocks skipped then is no hour to compare with, and neither is one for two.
    return then.day === at.day && then.hour === at.hour ? index : undefined;
  });
};
