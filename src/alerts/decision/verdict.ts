import type { VerdictReason } from '../../notifications/notice/reasons.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import type { Rule } from '../rules/rule.ts';
import { type Baseline, deviationsFrom } from './baseline.ts';
import type { Measurement, Observation } from './observation.ts';

/**
 * What one observation says, without regard to earlier ones: the value is wrong, right, or between the threshold and
 * the recovery threshold; or nothing can be said.
 */
export interface Verdict {
  says: 'wrong' | 'right' | 'between' | 'nothing';
  reason: VerdictReason;
  health: 'ok' | 'no_data' | 'error';
  /** What was compared with the threshold: the value, a change in percent, a number of deviations. */
  compared: number | null;
  /** The measurement that was judged. */
  measured: Measurement;
  /** The index of the measurement in `current`, if it was of an incomplete window. */
  early?: number;
  /** The earlier or usual value that it was compared with, in the unit of the metric. */
  reference: number | null;
  /** The source of the usual value. */
  baseline?: Baseline;
  /** The window of a value that became known late, and when the value was first wrong; absent: it is of now. */
  window?: TimeRange;
  wrongSince?: number;
}

/** Judges one observation, without regard to earlier ones. Only `threshold_above` judges incomplete windows too. */
export function judge(rule: Rule, observation: Observation): Verdict {
  const { complete } = observation;
  const nothing = (reason: VerdictReason, health: Verdict['health'] = 'ok'): Verdict => ({
    says: 'nothing',
    reason,
    health,
    compared: null,
    measured: complete,
    reference: null,
  });
  if (observation.failure !== null) return nothing('query_failed', 'error');
  if (rule.type === 'threshold_above') return judgeAbove(rule, observation);
  if (complete.value === null) return withoutData(rule, complete);
  if (complete.samples < rule.minimumSamples) return nothing('too_few_samples');
  if (rule.type === 'threshold_below') return judgeLevel(rule, complete, complete.value, 'below_threshold');
  return rule.type === 'rate_of_change'
    ? judgeChange(rule, observation, complete.value)
    : judgeUnusual(rule, observation, complete.value);
}

function withoutData(rule: Rule, measured: Measurement): Verdict {
  const verdict = { health: 'no_data', compared: null, measured, reference: null } as const;
  if (rule.noData === 'alert') return { says: 'wrong', reason: 'no_data_alerts', ...verdict };
  if (rule.noData === 'ok') return { says: 'right', reason: 'no_data_is_ok', ...verdict };
  return { says: 'nothing', reason: 'no_data', ...verdict };
}

/** Judges a level: past the threshold is wrong, at the recovery threshold or better is right. */
function judgeLevel(rule: Rule, measured: Measurement, compared: number, wrong: VerdictReason): Verdict {
  // With this sign a larger number is worse.
  const sign =
    rule.type === 'threshold_below' || (rule.type === 'rate_of_change' && rule.threshold < 0) ? -1 : 1;
  const recovery = rule.recoveryThreshold ?? rule.threshold;
  const verdict = { health: 'ok', compared, measured, reference: null } as const;
  if (sign * compared > sign * rule.threshold) return { says: 'wrong', reason: wrong, ...verdict };
  if (sign * compared <= sign * recovery) return { says: 'right', reason: 'within_threshold', ...verdict };
  return { says: 'between', reason: 'not_recovered', ...verdict };
}

/** The complete window decides. An incomplete one can say that the value is wrong, and can keep it from being right. */
function judgeAbove(rule: Rule, { complete, current }: Observation): Verdict {
  const early = current.map((measured) => judgeMeasured(rule, measured));
  const wrong = early.findIndex((verdict) => verdict?.says === 'wrong');
  if (early[wrong]) return { ...early[wrong], early: wrong };
  const late = judgeMeasured(rule, complete);
  if (late === undefined) {
    if (complete.value === null && current.every(({ value }) => value === null))
      return withoutData(rule, complete);
    const reason = early.some((verdict) => verdict) ? 'current_bucket_incomplete' : 'too_few_samples';
    return { says: 'nothing', reason, health: 'ok', compared: null, measured: complete, reference: null };
  }
  if (late.says !== 'right') return late;
  return early.find((verdict) => verdict?.says === 'between') ?? late;
}

function judgeMeasured(rule: Rule, measured: Measurement): Verdict | undefined {
  return measured.value === null || measured.samples < rule.minimumSamples
    ? undefined
    : judgeLevel(rule, measured, measured.value, 'above_threshold');
}

/** (now − before) / max(|before|, floor), in percent. */
function judgeChange(rule: Rule, { complete, previous }: Observation, value: number): Verdict {
  const before = previous?.value ?? null;
  const verdict = { health: 'ok', measured: complete, reference: before } as const;
  const relativeTo = before === null ? 0 : Math.max(Math.abs(before), rule.floor ?? 0);
  if (before === null || relativeTo === 0 || (previous?.samples ?? 0) < rule.minimumSamples) {
    return { says: 'nothing', reason: 'no_previous_value', compared: null, ...verdict };
  }
  const percent = (100 * (value - before)) / relativeTo;
  const found = judgeLevel(rule, complete, percent, 'changed_too_much');
  if (found.says === 'wrong' && Math.abs(value - before) < rule.minimumChange) {
    return { says: 'right', reason: 'change_too_small', compared: percent, ...verdict };
  }
  return { ...found, reference: before };
}

function judgeUnusual(rule: Rule, { complete, baseline }: Observation, value: number): Verdict {
  const verdict = {
    health: 'ok',
    measured: complete,
    reference: baseline?.median ?? null,
    ...(baseline && { baseline }),
  } as const;
  const deviations = baseline && deviationsFrom(baseline, value);
  if (baseline === null || baseline.median === null || deviations === null) {
    return { says: 'nothing', reason: 'warming_up', compared: null, ...verdict };
  }
  const unwanted =
    rule.direction === 'both' ? Math.abs(deviations) : rule.direction === 'up' ? deviations : -deviations;
  const found = judgeLevel(rule, complete, unwanted, 'unusual');
  if (found.says === 'wrong' && Math.abs(value - baseline.median) < rule.minimumChange) {
    return { says: 'right', reason: 'change_too_small', ...verdict, compared: deviations };
  }
  return { ...found, ...verdict, compared: deviations };
}
