import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { SECOND } from '../../time.ts';
import type { Rule } from '../rules/rule.ts';
import type { LateObservation } from './observation.ts';
import { judge, type Verdict } from './verdict.ts';

/** What late events say: that the value was wrong for as long as the rule requires. */
export interface LateVerdict extends Verdict {
  says: 'wrong';
  /** The window of the value that was worst. */
  window: TimeRange;
  /** When the value was first wrong; milliseconds. */
  wrongSince: number;
}

/**
 * Judges windows that have got events after they ended. Windows in a row that are wrong, and that last for as long as the rule
 * requires, are worth an alert. With several, it is about the last.
 * @param late in order
 */
export function judgeLate(rule: Rule, late: readonly LateObservation[]): LateVerdict | undefined {
  let found: LateVerdict | undefined;
  let since: number | null = null;
  let worst: { verdict: Verdict; window: TimeRange } | undefined;
  for (const { window, ...observation } of late) {
    const verdict = judge(rule, { ...observation, current: [], failure: null });
    if (verdict.says !== 'wrong') {
      since = null;
      worst = undefined;
      continue;
    }
    since ??= window.end;
    if (!worst || excessOf(rule, verdict) > excessOf(rule, worst.verdict)) worst = { verdict, window };
    if (window.end - since < rule.forSeconds * SECOND) continue;
    found = { ...worst.verdict, says: 'wrong', window: worst.window, wrongSince: since };
  }
  return found;
}

function excessOf(rule: Rule, { compared }: Verdict): number {
  if (compared === null) return 0;
  if (rule.type === 'anomaly') return Math.abs(compared);
  return rule.type === 'threshold_below' || rule.threshold < 0 ? -compared : compared;
}
