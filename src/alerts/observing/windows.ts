import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { floorTo, MINUTE, SECOND } from '../../time.ts';
import { SETTLING, STEP } from '../decision/baseline.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';

/** The windows that a rule is evaluated on. Half-open, milliseconds. */
export interface Windows {
  /** The last window that has only complete buckets. */
  complete: TimeRange;
  /** For `threshold_above`: later windows up to the one that ends in the bucket under way, the latest first. */
  current: TimeRange[];
  /** For `rate_of_change`: the complete window before. */
  previous: TimeRange | null;
}

/** The bucket under way, the one that has not settled yet, and one more for numbers that are a little behind. */
const MOST_CURRENT = 3;

/**
 * The window of a rule's value, in seconds; 0: the value is a gauge of the moment. Gauges are freshness, most metrics
 * of the service, and PromQL, which has its windows inside the expression.
 */
export function windowSecondsOf({ metric, type, windowSeconds }: Rule): number {
  const { definition, kind, part } = watchableMetrics.get(metric) ?? {};
  const compares = kind === 'prometheus' && type === 'rate_of_change';
  return definition || compares || part === 'failed_notices' ? windowSeconds : 0;
}

/**
 * The windows of a rule at a moment.
 * @param asOf the numbers include everything that was stored before this moment; milliseconds
 */
export function windowsAt({ type, windowSeconds }: Rule, now: number, asOf: number): Windows {
  const length = windowSeconds * SECOND;
  // An anomaly is compared with history, which is kept by the quarter of an hour.
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
