import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { floorTo, MINUTE, SECOND } from '../../time.ts';
import { STEP } from '../decision/baseline.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';

/** The windows that a rule is evaluated on. Half-open, milliseconds. */
export interface Windows {
  /** The last one whose every bucket is complete. */
  complete: TimeRange;
  /** Those that end later, up to the one that reaches into the bucket under way, for `threshold_above`; the last first. */
  current: TimeRange[];
  /** The complete one before, for `rate_of_change`. */
  previous: TimeRange | null;
}

/** Time that what happened at the end of a bucket has to be sent and stored before the bucket counts as complete. */
const SETTLING = 10 * SECOND;

/** The bucket under way, the one that has not settled, and one for numbers that are a little behind. */
const MOST_CURRENT = 3;

/**
 * What the value of a rule is taken over, in seconds; 0 where it is a number of the moment: freshness, most of the
 * service's own, and what an expression comes to, which has its windows inside.
 */
export function windowSecondsOf({ metric, type, windowSeconds }: Rule): number {
  const { definition, kind, part } = watchableMetrics.get(metric) ?? {};
  const compares = kind === 'prometheus' && type === 'rate_of_change';
  return definition || compares || part === 'failed_notices' ? windowSeconds : 0;
}

/**
 * The windows of a rule at a moment.
 * @param asOf everything stored before this moment is in the numbers; milliseconds
 */
export function windowsAt({ type, windowSeconds }: Rule, now: number, asOf: number): Windows {
  const length = windowSeconds * SECOND;
  // An anomaly is told from history, which is kept by the quarter of an hour.
  const end = floorTo(type === 'anomaly' ? STEP : MINUTE, Math.min(now, asOf) - SETTLING);
  const current: TimeRange[] = [];
  const underWay = floorTo(MINUTE, now) + MINUTE;
  for (let until = underWay; until > end && current.length < MOST_CURRENT; until -= MINUTE) {
    current.push({ start: until - length, end: until });
  }
  return {
    complete: { start: end - length, end },
    current: type === 'threshold_above' ? current : [],
    previous: type === 'rate_of_change' ? { start: end - 2 * length, end: end - length } : null,
  };
}
