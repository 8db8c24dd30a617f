import { CodedError } from '../../errors.ts';
import { bucketStart, type Grain, grainNamed, grains, keptFor } from '../../rollups/grains.ts';
import { MINUTE } from '../../time.ts';
import type { AdminQuery } from './admin-query.ts';
import { comparedRange, MAX_LENGTH_DIFFERENCE } from './comparison.ts';
import { type BucketedPlan, planFirst, planRead, type ReadPlan } from './read-plan.ts';
import type { Bucketing, TimeRange } from './time-buckets.ts';

/** How a range is read, and the earlier range it is compared with. */
export interface ComparedPlans extends BucketedPlan {
  /** `undefined` without a comparison, or where none is possible. */
  planBefore: ReadPlan | undefined;
  /** Buckets of the earlier range; `whole` where finer ones are no longer kept. */
  bucketingBefore: Bucketing | undefined;
  /** Why a requested comparison is missing. */
  notCompared: string | undefined;
}

const QUARTER_HOUR = grainNamed('quarter_hour').width;

/**
 * Plans the reading of a range and, where the query compares, of an earlier range of equal length. For older times only
 * coarse rollups remain. There the earlier range is made of the latest whole rollups of the same total length, and
 * there is no comparison if no number of them has it. Then a range up to now ends with its last whole quarter of an
 * hour. So today can be compared with the same weekday at any minute.
 * @param bucketings how the range may be cut into buckets, the best first; the first that fits both ranges is taken
 * @param bucketingBefore for the earlier range, if its buckets need not match those of the first
 * @throws {CodedError} `range_not_kept` or `too_many_points` for the range itself
 */
export function planCompared(
  query: AdminQuery,
  bucketings: readonly Bucketing[],
  type: string,
  bucketingBefore?: Bucketing,
): ComparedPlans {
  const plans = planOf(query, bucketings, type, bucketingBefore);
  const { start, end } = query.range;
  const evenEnd = bucketStart(grainNamed('quarter_hour'), Math.min(end, query.now));
  if (plans.notCompared === undefined || end <= query.now - MINUTE || evenEnd <= start) return plans;
  const even = planOf({ ...query, range: { start, end: evenEnd } }, bucketings, type, bucketingBefore);
  return even.planBefore ? even : plans;
}

function planOf(
  query: AdminQuery,
  bucketings: readonly Bucketing[],
  type: string,
  bucketingBefore: Bucketing | undefined,
): ComparedPlans {
  const { range, timezone, now, compare } = query;
  const current = planFirst({ range, timezone, now, type }, bucketings);
  const alone = { ...current, planBefore: undefined, bucketingBefore: undefined };
  if (compare === undefined) return { ...alone, notCompared: undefined };

  const isKept = (grain: Grain, start: number): boolean => start >= now - keptFor(grain, type);
  const readIfKept = (of: TimeRange, bucketing: Bucketing): ReadPlan | undefined => {
    try {
      return planRead({ range: of, timezone, now, type }, bucketing);
    } catch (error) {
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  };
  const planEarlier = ({ covered }: ReadPlan, bucketing: Bucketing): ReadPlan | undefined => {
    const window = keptWindowOf(comparedRange(covered, compare, timezone), isKept);
    const plan = window && readIfKept(window, bucketing);
    return plan?.covered.start === window?.start && plan?.covered.end === window?.end ? plan : undefined;
  };

  for (const bucketing of bucketings.slice(bucketings.indexOf(current.bucketing))) {
    const plan = bucketing === current.bucketing ? current.plan : readIfKept(range, bucketing);
    const earlier = bucketingBefore ?? bucketing;
    const planBefore = plan && planEarlier(plan, earlier);
    if (planBefore) return { plan, bucketing, planBefore, bucketingBefore: earlier, notCompared: undefined };
  }
  const planBefore = planEarlier(current.plan, 'whole');
  if (planBefore) return { ...current, planBefore, bucketingBefore: 'whole', notCompared: undefined };
  return {
    ...alone,
    notCompared: whyNotCompared(comparedRange(current.plan.covered, compare, timezone), isKept),
  };
}

/**
 * The latest window within a range that has about its length and whose rollups are kept. It is the range itself where
 * they are fine enough. A quarter of an hour that the range covers only in part is left out, not rounded up.
 */
function keptWindowOf(
  { start, end }: TimeRange,
  isKept: (grain: Grain, start: number) => boolean,
): TimeRange | undefined {
  const length = end - start;
  for (const grain of grains) {
    const step = Math.min(grain.width, QUARTER_HOUR);
    const buckets = Math.round((Math.floor(length / step) * step) / grain.width);
    const to = bucketStart(grain, end);
    const from = to - buckets * grain.width;
    if (isKept(grain, from) && Math.abs(to - from - length) <= length * MAX_LENGTH_DIFFERENCE)
      return { start: from, end: to };
  }
  return undefined;
}

const pluralNames: Record<Grain['name'], string> = {
  minute: 'minutes',
  quarter_hour: 'quarters of an hour',
  hour: 'hours',
  day: 'days of UTC',
  week: 'weeks of UTC (Sunday to Saturday)',
};

function whyNotCompared({ start }: TimeRange, isKept: (grain: Grain, start: number) => boolean): string {
  const day = new Date(start).toISOString().slice(0, 10);
  const finest = grains.find((grain) => isKept(grain, bucketStart(grain, start)));
  if (!finest) return `the numbers of ${day} are no longer kept; choose a later range to compare`;
  const kept = `only whole ${pluralNames[finest.name]} are kept for ${day}`;
  return `${kept}; to compare, choose a range as long as a whole number of them`;
}
