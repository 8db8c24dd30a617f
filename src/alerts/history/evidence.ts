import type { VerdictReason } from '../../notifications/notice/reasons.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { SECOND } from '../../time.ts';
import type { Baseline } from '../decision/baseline.ts';
import type { Verdict } from '../decision/verdict.ts';
import { windowSecondsOf, windowsAt } from '../observing/windows.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';

/** Why an alert fired, as the history keeps it. */
export interface Evidence {
  reason: VerdictReason;
  /** The number that was compared with the threshold: the value, a change in percent, or a number of deviations. */
  compared: number | null;
  /** The earlier or usual value. */
  baseline: number | null;
  baselineKind: Baseline['kind'] | null;
  baselineSamples: number | null;
  windowStart: string | null;
  windowEnd: string | null;
}

export function evidenceOf(rule: Rule, verdict: Verdict, at: number): Evidence {
  const window = windowOf(rule, verdict, at);
  return {
    reason: verdict.reason,
    compared: verdict.compared,
    baseline: verdict.reference,
    baselineKind: verdict.baseline?.kind ?? null,
    baselineSamples: verdict.baseline?.samples ?? null,
    windowStart: window && new Date(window.start).toISOString(),
    windowEnd: window && new Date(window.end).toISOString(),
  };
}

/** The window of the value that was judged; null: a gauge of the moment has no window. */
function windowOf(rule: Rule, { early, window }: Verdict, at: number): TimeRange | null {
  const seconds = windowSecondsOf(rule);
  if (window) return window;
  if (seconds === 0) return null;
  if (watchableMetrics.get(rule.metric)?.definition === undefined)
    return { start: at - seconds * SECOND, end: at };
  const { complete, current } = windowsAt(rule, at, at);
  return early === undefined ? complete : (current[early] ?? complete);
}
