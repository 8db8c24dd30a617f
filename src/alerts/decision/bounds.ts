import type { Rule } from '../rules/rule.ts';
import { deviatedBy } from './baseline.ts';
import type { Verdict } from './verdict.ts';

/** The values between which a rule finds nothing wrong, in the unit of the metric. Null: no value on that side is wrong. */
export interface Bounds {
  lower: number | null;
  upper: number | null;
}

const NONE: Bounds = { lower: null, upper: null };

/** The bounds that a value was judged by: the threshold, or the band around an earlier or usual value. */
export function boundsOf(rule: Rule, { reference, baseline }: Verdict): Bounds {
  const { type, threshold, minimumChange } = rule;
  if (type === 'threshold_above') return { lower: null, upper: threshold };
  if (type === 'threshold_below') return { lower: threshold, upper: null };
  if (reference === null) return NONE;
  if (type === 'rate_of_change') {
    const change = (threshold / 100) * Math.max(Math.abs(reference), rule.floor ?? 0);
    if (change === 0) return NONE;
    return change > 0
      ? { lower: null, upper: reference + Math.max(change, minimumChange) }
      : { lower: positive(reference + Math.min(change, -minimumChange)), upper: null };
  }
  const high = baseline ? deviatedBy(baseline, threshold) : null;
  const low = baseline ? deviatedBy(baseline, -threshold) : null;
  if (high === null || low === null) return NONE;
  return {
    lower: rule.direction === 'up' ? null : positive(Math.min(low, reference - minimumChange)),
    upper: rule.direction === 'down' ? null : Math.max(high, reference + minimumChange),
  };
}

/** No counted value is below zero, so a lower bound there says nothing. */
function positive(bound: number): number | null {
  return bound > 0 ? bound : null;
}
