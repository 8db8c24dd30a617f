import { CodedError } from '../../errors.ts';
import { bucketStart, type Grain, grainNamed, grains, keptFor } from '../../rollups/grains.ts';
import type { AdminQuestion } from './admin-question.ts';
import { comparedRange } from './comparison.ts';
import { type CutPlan, planFirst, planRead, type ReadPlan } from './read-plan.ts';
import type { Bucketing, TimeRange } from './time-buckets.ts';

/** How a range is read, and the time it is compared with. */
export interface ComparedPlans extends CutPlan {
  /** `undefined` without a comparison, and where there can be none. */
  planBefore: ReadPlan | undefined;
  /** How that is cut: `whole` where its buckets are kept no longer. */
  bucketingBefore: Bucketing | undefined;
  /** Why there is no comparison, though one was asked for. */
  notCompared: string | undefined;
}

/** Of a range, by how much the time compared with may be shorter or longer: more would show as a change. */
const MOST_APART = 1 / 100;
const QUARTER_HOUR = grainNamed('quarter_hour').width;

/**
 * Plans the reading of a range and, where the question compares, of a time as long as what is covered of it. Of
 * long ago only coarse rollups are kept: there it is the last whole ones instead that are as long together, and none
 * where no number of them is.
 * @param bucketings how the range may be cut into buckets, the best first; one that cuts both is better still
 * @param cutBefore of the time compared with, where no bucket of it is set beside one of the range
 * @throws {CodedError} `range_not_kept`, `too_many_points` for the range itself
 */
export function planCompared(
  question: AdminQuestion,
  bucketings: readonly Bucketing[],
  type: string,
  cutBefore?: Bucketing,
): ComparedPlans {
  const { range, timezone, now, compare } = question;
  const cut = planFirst(range, bucketings, timezone, now, type);
  const alone = { ...cut, planBefore: undefined, bucketingBefore: undefined };
  if (compare === undefined) return { ...alone, notCompared: undefined };

  const isKept = (grain: Grain, start: number): boolean => start >= now - keptFor(grain, type);
  const readIfKept = (of: TimeRange, bucketing: Bucketing): ReadPlan | undefined => {
    try {
      return planRead(of, bucketing, timezone, now, type);
    } catch (error) {
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  };
  const planBeside = ({ covered }: ReadPlan, bucketing: Bucketing): ReadPlan | undefined => {
    const window = asLongAs(comparedRange(covered, compare, timezone), isKept);
    const plan = window && readIfKept(window, bucketing);
    return plan?.covered.start === window?.start && plan?.covered.end === window?.end ? plan : undefined;
  };

  for (const bucketing of bucketings.slice(bucketings.indexOf(cut.bucketing))) {
    const plan = bucketing === cut.bucketing ? cut.plan : readIfKept(range, bucketing);
    const bucketingBefore = cutBefore ?? bucketing;
    const planBefore = plan && planBeside(plan, bucketingBefore);
    if (planBefore) return { plan, bucketing, planBefore, bucketingBefore, notCompared: undefined };
  }
  const planBefore = planBeside(cut.plan, 'whole');
  if (planBefore) return { ...cut, planBefore, bucketingBefore: 'whole', notCompared: undefined };
  return { ...alone, notCompared: whyNot(comparedRange(cut.plan.covered, compare, timezone), isKept) };
}

/**
 * The last window up to the end of a time that is about as long and whose rollups are kept: the time itself
 * where they are fine enough. The quarter of an hour that a range is in the middle of is not made up for by one more.
 */
function asLongAs(
  { start, end }: TimeRange,
  isKept: (grain: Grain, start: number) => boolean,
): TimeRange | undefined {
  const length = end - start;
  for (const grain of grains) {
    const step = Math.min(grain.width, QUARTER_HOUR);
    const buckets = Math.round((Math.floor(length / step) * step) / grain.width);
    const to = bucketStart(grain, end);
    const from = to - buckets * grain.width;
    if (isKept(grain, from) && Math.abs(to - from - length) <= length * MOST_APART)
      return { start: from, end: to };
  }
  return undefined;
}

const inWords: Record<Grain['name'], string> = {
  minute: 'minutes',
  quarter_hour: 'quarters of an hour',
  hour: 'hours',
  day: 'days of UTC',
  week: 'weeks of UTC (Sunday to Saturday)',
};

function whyNot({ start }: TimeRange, isKept: (grain: Grain, start: number) => boolean): string {
  const day = new Date(start).toISOString().slice(0, 10);
  const finest = grains.find((grain) => isKept(grain, bucketStart(grain, start)));
  if (!finest) return `the numbers of ${day} are no longer kept`;
  const kept = `of ${day} only whole ${inWords[finest.name]} are kept`;
  return `${kept}, and this range is not as long as any number of them; one that is can be compared`;
}
