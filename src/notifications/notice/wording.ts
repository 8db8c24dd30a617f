import { localTime } from './local-time.ts';
import { factsOfMonth } from './month-notice.ts';
import type { Notice } from './notice.ts';
import { inUnit, plainNumber } from './quantity.ts';
import { closingReasons, isEnding } from './reasons.ts';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A length of time, such as `90 s`, `5 min` or `2 h 10 min`. */
export function inTime(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** One line of bounded length without control characters, for subjects, headers and short messages. */
export function oneLine(text: string, most: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return [...line].length <= most ? line : `${[...line].slice(0, most - 1).join('')}…`;
}

/** The least part of a name that is worth showing. */
const LEAST_OF_NAME = 12;
/** The part of a text that the group may take. */
const SHARE_OF_GROUP = 0.6;

/** The group in brackets, such as ` (model gpt-4o)`, or ` (team search)` for a label; empty if the rule does not group. */
function labelsOf({ group }: Notice, most = Number.POSITIVE_INFINITY): string {
  const labels = Object.entries(group).map(
    ([dimension, value]) => `${dimension.replace(/^label\./, '')} ${value}`,
  );
  return labels.length === 0 ? '' : ` (${cutMiddle(labels.join(', '), most)})`;
}

/** The group alone, such as `model gpt-4o`; empty if the rule does not group. */
export function groupText(notice: Notice, most: number): string {
  return labelsOf(notice, most).slice(2, -1);
}

/** The ends of two long labels tell them apart as often as their beginnings do. */
function cutMiddle(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${characters.slice(0, most - 1 - end).join('')}…${characters.slice(characters.length - end).join('')}`;
}

/**
 * The rule and the group, such as `Slow answers (model gpt-4o)`.
 * @param most characters. The name is cut first, because the group tells the alerts of a rule apart
 */
export function titleOf(notice: Notice, most = Number.POSITIVE_INFINITY): string {
  const { name } = notice;
  const labels = labelsOf(notice);
  if ([...name, ...labels].length <= most) return `${name}${labels}`;
  const short = oneLine(labelsOf(notice, Math.max(LEAST_OF_NAME, Math.floor(most * SHARE_OF_GROUP))), most);
  const around = short === '' ? '' : ` ${short}`;
  return `${oneLine(name, Math.max(LEAST_OF_NAME, most - [...around].length))}${around}`;
}

const states = {
  firing: 'FIRING',
  still_firing: 'STILL FIRING',
  escalated: 'MORE SEVERE',
  escalation_step: 'UNACKNOWLEDGED',
  acknowledged: 'ACKNOWLEDGED',
  unacknowledged: 'OPEN AGAIN',
  resolved: 'RESOLVED',
  test: 'TEST',
  month_closed: 'CLOSED',
  month_failed: 'FAILED',
  rule_failing: 'CANNOT BE EVALUATED',
  rule_evaluated: 'EVALUATED AGAIN',
} as const;

/** The state of an alert in capitals, for the beginning of a subject. */
export function stateOf(notice: Notice): string {
  return isEnding(notice.reason) && notice.reason !== 'by_person' ? 'ENDED' : states[notice.kind];
}

const verbs = {
  firing: 'is firing',
  still_firing: 'is still firing',
  escalated: 'is now more severe',
  escalation_step: 'is firing, and nobody has acknowledged it',
  acknowledged: 'is acknowledged',
  unacknowledged: 'is no longer acknowledged',
  resolved: 'is resolved',
  test: 'is a test',
  month_closed: 'is closed',
  month_failed: 'could not be closed and exported',
  rule_failing: 'cannot be evaluated',
  rule_evaluated: 'is evaluated again',
} as const;

/**
 * Whether a change of the rule ended the alert. The value may still be wrong then, so the notice must not say resolved.
 */
export function isAbandoned({ reason }: Notice): boolean {
  return reason in closingReasons;
}

/**
 * The event in one sentence, such as `Slow answers is firing`.
 * @param most characters; the name of the rule is cut first
 */
export function eventOf(notice: Notice, most = Number.POSITIVE_INFINITY): string {
  const verb = oneLine(verbOf(notice), Math.max(LEAST_OF_NAME, most / 2));
  return `${titleOf(notice, most - verb.length - 1)} ${verb}`;
}

function verbOf(notice: Notice): string {
  const ofPerson = personVerb(notice);
  if (ofPerson) return ofPerson;
  if (isAbandoned(notice)) return 'is no longer watched';
  if (notice.reason === 'by_person') return `was resolved by ${notice.actorId ?? 'somebody'}`;
  if (notice.reason === 'group_gone') return 'has ended, because its data is gone';
  if (notice.reason === 'new_normal') return 'has ended, because its value is the new normal';
  if (notice.reason === 'rule_edited')
    return `has ended, because ${notice.actorId ?? 'somebody'} changed the rule`;
  return notice.flapping ? flappingVerb(notice, notice.flapping) : verbs[notice.kind];
}

function personVerb({ kind, actorId, step, at }: Notice): string | undefined {
  const who = actorId ?? 'somebody';
  if (kind === 'acknowledged') return `was acknowledged by ${who}`;
  if (kind === 'unacknowledged') return `is open again, because ${who} took the acknowledgement back`;
  if (!step || kind !== 'escalation_step') return undefined;
  return `is firing, and nobody has acknowledged it for ${inTime(secondsBetween(step.unacknowledgedSince, at))}`;
}

function secondsBetween(since: string, at: string): number {
  return Math.max(0, Date.parse(at) - Date.parse(since)) / 1_000;
}

/** What a flapping alert does: one notice tells that it flaps, and one that it has settled. */
function flappingVerb({ kind, at }: Notice, { times, since }: NonNullable<Notice['flapping']>): string {
  const within = inTime(secondsBetween(since, at));
  if (kind === 'resolved') return `has settled, after it fired ${times} times`;
  return `is ${kind === 'still_firing' ? 'still ' : ''}flapping: it fired ${times} times within ${within}`;
}

/**
 * The evidence of a notice, as labels and values.
 * @param zone that of the recipient's clock
 */
export function factsOf(notice: Notice, zone = 'UTC'): [label: string, value: string][] {
  const { severity, orgId, value, baseline, windowSeconds, sampleCount } = notice;
  if (notice.month)
    return [
      ['Severity', severity],
      ['Org', orgId ?? 'all'],
      ...factsOfMonth(notice.month),
      ['At', localTime(notice.at, zone)],
    ];
  if (notice.evaluation)
    return [
      ['Severity', severity],
      ['Org', orgId ?? 'all'],
      ['Metric', notice.metric],
      ...(notice.evaluation.failure === ''
        ? []
        : [['Failure', notice.evaluation.failure] as [string, string]]),
      ['Since', localTime(notice.evaluation.since, zone)],
      ['At', localTime(notice.at, zone)],
    ];
  const apart = comparedIn(notice);
  const lasted = (Date.parse(notice.at) - Date.parse(notice.startedAt)) / 1_000;
  return [
    ['Severity', severity],
    ['Org', orgId ?? 'all'],
    ['Metric', notice.metric],
    ...(notice.expression === undefined ? [] : [['Expression', notice.expression] as [string, string]]),
    ...filtersOf(notice),
    ['Value', value === null ? 'no data' : `${inUnit(value, notice, apart)}${measuredBefore(notice, zone)}`],
    ...(baseline === null ? [] : [['Baseline', inUnit(baseline, notice, apart)] as [string, string]]),
    ['Threshold', thresholdOf(notice)],
    ...(windowSeconds > 0 ? [['Window', inTime(windowSeconds)] as [string, string]] : []),
    ...(sampleCount === null ? [] : [['Samples', whole.format(sampleCount)] as [string, string]]),
    ['Since', localTime(notice.startedAt, zone)],
    ...(lasted >= 1
      ? [[notice.kind === 'resolved' ? 'Lasted' : 'For', inTime(lasted)] as [string, string]]
      : []),
  ];
}

/** The time of the value, if it is earlier than the notice. */
function measuredBefore({ measuredAt, at }: Notice, zone: string): string {
  return measuredAt < at ? ` at ${localTime(measuredAt, zone)}` : '';
}

function filtersOf({ filters = {} }: Notice): [string, string][] {
  const named = Object.entries(filters).map(([dimension, value]) => `${dimension} ${value}`);
  return named.length === 0 ? [] : [['Filters', named.join(', ')]];
}

function thresholdOf(notice: Notice): string {
  const { type, threshold } = notice;
  if (type === 'rate_of_change') return `${plainNumber(threshold)} %`;
  return type === 'anomaly'
    ? `${plainNumber(threshold)} deviations`
    : inUnit(threshold, notice, comparedIn(notice));
}

/** The numbers of a notice that are in the unit of its metric, and that its texts must tell apart. */
export function comparedIn({ type, value, threshold, recoveryThreshold, baseline }: Notice): number[] {
  const isLevel = type === 'threshold_above' || type === 'threshold_below';
  const levels = isLevel ? [threshold, recoveryThreshold] : [];
  return [value, baseline, ...levels].filter((number) => number !== null);
}
