import { localTime } from './local-time.ts';
import { monthStatement } from './month-notice.ts';
import type { Notice } from './notice.ts';
import { inUnit, plainNumber } from './quantity.ts';
import { type Ending, isEnding } from './reasons.ts';
import { editOf } from './rule-edit.ts';
import { comparedIn, inTime } from './wording.ts';

/** Why the current value says nothing, for the reasons for which the notice gives the last wrong value. */
const noVerdict: Partial<Record<Notice['reason'], string>> = {
  no_data: 'no data since then',
  query_failed: 'the current value could not be read',
  too_few_samples: 'too few samples since then',
  current_bucket_incomplete: 'newer data is not complete yet',
  no_previous_value: 'the current value has no earlier one to be compared with',
  warming_up: 'too few earlier values are known now',
};

/**
 * The statement of a notice, such as `usage.error_rate is 7.3 %, above 5 %`; or what ended the alert, and the last
 * wrong value.
 */
export function statementOf(notice: Notice): string {
  const { metric, value, reason, kind, month } = notice;
  if (month) return monthStatement(month);
  if (notice.evaluation) return evaluationStatement(notice, notice.evaluation);
  if (kind === 'acknowledged' || kind === 'unacknowledged')
    return `${byPerson(notice)}; ${lastWrongOf(notice)}`;
  if (reason === 'step_due') return `${unacknowledgedFor(notice)}; ${lastWrongOf(notice)}`;
  if (reason === 'new_normal') return newNormalOf(notice);
  if (reason === 'rule_edited') return `${endings.rule_edited(notice)}; ${currentOf(notice)}`;
  if (isEnding(reason)) return `${endings[reason](notice)}; ${lastWrongOf(notice)}`;
  const why = noVerdict[reason];
  if (why !== undefined) return `${lastWrongOf(notice)}; ${why}`;
  if (value === null)
    return `${metric} has no data, and the rule ${kind === 'resolved' ? TREATED_AS_RIGHT : ALERTS_ON_IT}`;
  const stands = reason === 'not_recovered' ? 'between' : kind === 'resolved' ? 'right' : 'wrong';
  return `${metric} is ${inUnit(value, notice, comparedIn(notice))}, ${comparisonOf(notice, stands)}`;
}

function byPerson(notice: Notice): string {
  const note = notice.note === null ? '' : `: "${notice.note}"`;
  return notice.kind === 'acknowledged'
    ? `acknowledged by ${somebody(notice)}${note}`
    : `the acknowledgement was taken back by ${somebody(notice)}${note}`;
}

function unacknowledgedFor({ step, at }: Notice): string {
  const seconds = step ? (Date.parse(at) - Date.parse(step.unacknowledgedSince)) / 1_000 : 0;
  const which = step ? `, step ${step.number} of ${step.of}` : '';
  return `unacknowledged for ${inTime(Math.max(0, seconds))}${which}`;
}

/** Why a rule is not evaluated, or since when it is again. */
function evaluationStatement(
  { kind }: Notice,
  { failure, failures, since }: NonNullable<Notice['evaluation']>,
): string {
  const from = localTime(since);
  return kind === 'rule_failing'
    ? `no alert of the rule can fire or end; ${failures} evaluations in a row have failed since ${from}: ${failure}`
    : `its evaluations had failed since ${from}${failure === '' ? '' : `: ${failure}`}`;
}

const ALERTS_ON_IT = 'alerts on missing data';
const TREATED_AS_RIGHT = 'treats missing data as right';

function somebody({ actorId }: Notice): string {
  return actorId ?? 'somebody';
}

const endings: Record<Ending, (notice: Notice) => string> = {
  by_person: (notice) => `resolved by ${somebody(notice)}${notice.note === null ? '' : `: "${notice.note}"`}`,
  group_gone: () => 'its group has had no data for so long that it counts as gone',
  new_normal: newNormalOf,
  rule_edited: (notice) => `ended because ${somebody(notice)} ${editOf(notice)}`,
  rule_changed: (notice) => `the rule was changed by ${somebody(notice)}, and now watches something else`,
  rule_disabled: (notice) => `the rule was disabled by ${somebody(notice)}`,
  rule_deleted: (notice) => `the rule was deleted by ${somebody(notice)}`,
};

/** What is usual from now on, and what was usual before. */
function newNormalOf(notice: Notice): string {
  const { metric, value, baseline, newNormalSince, startedAt } = notice;
  const shown = (number: number) => inUnit(number, notice, comparedIn(notice));
  const now = value === null ? '' : `; ${metric} is ${shown(value)}`;
  const before = baseline === null ? '' : `, and ${shown(baseline)} was usual before`;
  return `this is the new normal since ${localTime(newNormalSince ?? startedAt)}${now}${before}`;
}

function currentOf(notice: Notice): string {
  const { metric, value } = notice;
  return value === null
    ? `${metric} has no data`
    : `${metric} is ${inUnit(value, notice, comparedIn(notice))}`;
}

function lastWrongOf(notice: Notice): string {
  const { metric, value } = notice;
  return value === null
    ? `${metric} had no data, and the rule ${ALERTS_ON_IT}`
    : `${metric} was ${inUnit(value, notice, comparedIn(notice))}, ${comparisonOf(notice, 'wrong')}`;
}

type Stands = 'wrong' | 'between' | 'right';

/** How a value compares with the threshold or the usual value. `between`: not yet back at the recovery threshold. */
function comparisonOf(notice: Notice, stands: Stands): string {
  const { type, threshold, recoveryThreshold, value, baseline, reason } = notice;
  const inMetricUnit = (level: number) => inUnit(level, notice, comparedIn(notice));
  const inRuleUnit = (level: number) =>
    type === 'rate_of_change' ? `${plainNumber(level)} %` : inMetricUnit(level);
  const from = type === 'rate_of_change' && baseline !== null ? `, from ${inMetricUnit(baseline)}` : '';
  if (reason === 'change_too_small' && stands === 'right')
    return `a change that is too small to count${from}`;
  if (type === 'anomaly') {
    if (stands === 'right') return 'back to the usual';
    if (stands === 'between') return 'less unusual than before, but not back to the usual yet';
    if (baseline === null) return 'unusually high';
    const direction = value !== null && value < baseline ? 'lower' : 'higher';
    return `unusually ${direction} than the usual ${inMetricUnit(baseline)}`;
  }
  const past = `${relations[type]} ${inRuleUnit(threshold)}`;
  if (stands === 'wrong') return `${past}${from}`;
  if (stands === 'right') return `no longer ${past}${from}`;
  return `no longer ${past}, but not back at ${inRuleUnit(recoveryThreshold ?? threshold)} yet${from}`;
}

const relations = {
  threshold_above: 'above',
  threshold_below: 'below',
  rate_of_change: 'changed by more than',
} as const;
