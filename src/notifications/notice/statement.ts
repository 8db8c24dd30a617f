import type { Notice } from './notice.ts';
import { type Ending, isEnding, type VerdictReason } from './reasons.ts';
import { inUnit, number } from './wording.ts';

/** What is to be said where a value says nothing by itself: what keeps it from that. */
const unsaid: Partial<Record<VerdictReason, string>> = {
  no_data: 'no data since',
  query_failed: 'it cannot be read now',
  too_few_samples: 'too few samples since to tell',
  current_bucket_incomplete: 'what came since is not complete yet',
  no_previous_value: 'nothing to compare with since',
  warming_up: 'too little of the past is known now',
};

const NO_DATA = 'no data, which the rule takes for';

/** What is the case, such as `usage.error_rate is 7.3 %, above 5 %`; or what ended the alert, and how it was last wrong. */
export function statementOf(notice: Notice): string {
  const { metric, value, unit, reason, kind } = notice;
  if (isEnding(reason)) return `${endings[reason](notice)}; ${lastWrongOf(notice)}`;
  const why = unsaid[reason];
  if (why !== undefined) return `${lastWrongOf(notice)}; ${why}`;
  if (value === null) return `${metric} has ${NO_DATA} ${kind === 'resolved' ? 'right' : 'wrong'}`;
  const stands = reason === 'not_recovered' ? 'between' : kind === 'resolved' ? 'right' : 'wrong';
  return `${metric} is ${inUnit(value, unit)}, ${comparisonOf(notice, stands)}`;
}

function somebody({ actorId }: Notice): string {
  return actorId ?? 'somebody';
}

const endings: Record<Ending, (notice: Notice) => string> = {
  by_person: (notice) => `resolved by ${somebody(notice)}${notice.note === null ? '' : `: "${notice.note}"`}`,
  rule_changed: (notice) => `the rule was changed by ${somebody(notice)}, and watches something else now`,
  rule_disabled: (notice) => `the rule was disabled by ${somebody(notice)}`,
  rule_deleted: (notice) => `the rule was deleted by ${somebody(notice)}`,
};

function lastWrongOf(notice: Notice): string {
  const { metric, value, unit } = notice;
  return value === null
    ? `${metric} had ${NO_DATA} wrong`
    : `${metric} was ${inUnit(value, unit)}, ${comparisonOf(notice, 'wrong')}`;
}

type Stands = 'wrong' | 'between' | 'right';

/** How a value stands to what it is compared with; between, it is not back where it counts as right. */
function comparisonOf(notice: Notice, stands: Stands): string {
  const { type, threshold, recoveryThreshold, unit, value, baseline, reason } = notice;
  const inRuleUnit = (level: number) =>
    type === 'rate_of_change' ? `${number.format(level)} %` : inUnit(level, unit);
  const from = type === 'rate_of_change' && baseline !== null ? `, from ${inUnit(baseline, unit)}` : '';
  if (reason === 'change_too_small' && stands === 'right') return `a change too small to count${from}`;
  if (type === 'anomaly') {
    if (stands === 'right') return 'as usual again';
    if (stands === 'between') return 'less unusual than it was, but not as usual again yet';
    const direction = value !== null && baseline !== null && value < baseline ? 'lower' : 'higher';
    return `unusually ${direction}${baseline === null ? '' : ` than ${inUnit(baseline, unit)}`}`;
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
