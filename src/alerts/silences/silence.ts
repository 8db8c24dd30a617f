import type { Severity } from '../../notifications/notice/notice.ts';
import type { Recurrence } from './recurrence.ts';

/** The alerts that a silence is for. What is empty matches every alert. */
export interface Matchers {
  /** Names of rules. */
  rules: string[];
  /** The value that an alert must have in a dimension or label: by its group, or by a filter of its rule. */
  labels: Record<string, string>;
  severities: Severity[];
}

/** A silence, or a maintenance window that recurs, as somebody wants it. Times are milliseconds. */
export interface Silence extends Matchers {
  /** Its name in a file of rules; null: it is in none. */
  name: string | null;
  reason: string;
  /** Null, both: without such a bound, which only a window may be. */
  startsAt: number | null;
  endsAt: number | null;
  /** Null: it does not recur. */
  recurrence: Recurrence | null;
}

export const silenceStates = ['pending', 'active', 'expired'] as const;
export type SilenceState = (typeof silenceStates)[number];

/** An alert, as silences see it. */
export interface Silenceable {
  name: string;
  severity: Severity;
  /** The values of its group and of the filters of its rule. */
  labels: Readonly<Record<string, string>>;
}

export function matches({ rules, labels, severities }: Matchers, alert: Silenceable): boolean {
  if (rules.length > 0 && !rules.includes(alert.name)) return false;
  if (severities.length > 0 && !severities.includes(alert.severity)) return false;
  return Object.entries(labels).every(([name, value]) => alert.labels[name] === value);
}

/** Whether a silence can be for an alert of a rule. A rule has an alert for each value of what it groups by. */
export function mayMatch(
  silence: Matchers,
  rule: {
    name: string;
    severity: Severity;
    filters: Readonly<Record<string, string>>;
    groupBy: readonly string[];
  },
): boolean {
  const open = rule.groupBy.filter((name) => name in silence.labels);
  const grouped = Object.fromEntries(open.map((name) => [name, silence.labels[name] ?? '']));
  return matches(silence, { ...rule, labels: { ...rule.filters, ...grouped } });
}
