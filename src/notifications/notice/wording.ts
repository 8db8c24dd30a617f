import type { Notice, Unit } from './notice.ts';
import { isEnding } from './reasons.ts';

export const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const money = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 4 });

function plain(value: number): string {
  return Math.abs(value) < 1_000 ? number.format(value) : whole.format(value);
}

/** A number of a metric with its unit, such as `7.3 %` or `1,250 ms`. */
export function inUnit(value: number, unit: Unit): string {
  switch (unit) {
    case 'ratio':
      return `${number.format(value * 100)} %`;
    case 'milliseconds':
      return `${plain(value)} ms`;
    case 'seconds':
      return `${plain(value)} s`;
    case 'cents':
      return money.format(value / 100);
    case 'tokens':
      return `${plain(value)} tokens`;
    default:
      return plain(value);
  }
}

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

/** The rule and the group, such as `Slow answers (model gpt-4o)`; of a label its key, such as `team search`. */
export function titleOf({ name, group }: Notice): string {
  const labels = Object.entries(group).map(
    ([dimension, value]) => `${dimension.replace(/^label\./, '')} ${value}`,
  );
  return labels.length === 0 ? name : `${name} (${labels.join(', ')})`;
}

const verbs = {
  firing: 'is firing',
  still_firing: 'is still firing',
  escalated: 'is now more severe',
  resolved: 'is resolved',
  test: 'is a test',
} as const;

/**
 * Whether a change of the rule ended the alert. The value may still be wrong then, so the notice must not say resolved.
 */
export function isAbandoned({ reason }: Notice): boolean {
  return isEnding(reason) && reason !== 'by_person';
}

/** The event in one sentence, such as `Slow answers is firing`. */
export function eventOf(notice: Notice): string {
  return `${titleOf(notice)} ${verbOf(notice)}`;
}

function verbOf(notice: Notice): string {
  if (isAbandoned(notice)) return 'is no longer watched';
  if (notice.reason === 'by_person') return `was resolved by ${notice.actorId ?? 'somebody'}`;
  return verbs[notice.kind];
}

/** The evidence of a notice, as labels and values. */
export function factsOf(notice: Notice): [label: string, value: string][] {
  const { severity, orgId, unit, value, baseline, threshold, type, windowSeconds, sampleCount } = notice;
  const lasted = (Date.parse(notice.at) - Date.parse(notice.startedAt)) / 1_000;
  return [
    ['Severity', severity],
    ['Org', orgId ?? 'all'],
    ['Metric', notice.metric],
    ['Value', value === null ? 'no data' : `${inUnit(value, unit)}${measuredBefore(notice)}`],
    ...(baseline === null ? [] : [['Baseline', inUnit(baseline, unit)] as [string, string]]),
    ['Threshold', thresholdOf(type, threshold, unit)],
    ...(windowSeconds > 0 ? [['Window', inTime(windowSeconds)] as [string, string]] : []),
    ...(sampleCount === null ? [] : [['Samples', whole.format(sampleCount)] as [string, string]]),
    ['Since', notice.startedAt],
    ...(lasted >= 1
      ? [[notice.kind === 'resolved' ? 'Lasted' : 'For', inTime(lasted)] as [string, string]]
      : []),
  ];
}

/** The time of the value, if it is earlier than the notice. */
function measuredBefore({ measuredAt, at }: Notice): string {
  return measuredAt < at ? ` at ${measuredAt}` : '';
}

function thresholdOf(type: Notice['type'], threshold: number, unit: Unit): string {
  if (type === 'rate_of_change') return `${number.format(threshold)} %`;
  return type === 'anomaly' ? `${number.format(threshold)} deviations` : inUnit(threshold, unit);
}
