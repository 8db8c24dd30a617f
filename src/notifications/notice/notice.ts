import type { MonthFacts } from './month-facts.ts';
import type { Ending, VerdictReason } from './reasons.ts';

/** How much an alert matters, in ascending order. */
export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/**
 * What a notice tells. `still_firing` repeats it after a cooldown, `escalated` tells of a higher severity, and
 * `escalation_step` that nobody has acknowledged it in time. `test` tries a channel and is about no alert. `rule_…` tell
 * that a rule cannot be evaluated, and `month_…` of an export schedule.
 */
export const noticeKinds = [
  'firing',
  'still_firing',
  'escalated',
  'escalation_step',
  'acknowledged',
  'unacknowledged',
  'resolved',
  'test',
  'month_closed',
  'month_failed',
  'rule_failing',
  'rule_evaluated',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];
export type MonthNoticeKind = Extract<NoticeKind, `month_${string}`>;
/** The notices of what a person did, for the others who were told. */
const ofPeople: readonly string[] = ['acknowledged', 'unacknowledged'];
/** The notices that something is over. */
const ofEnds: readonly string[] = ['resolved', 'rule_evaluated'];

/** Whether a notice tells the people who were told before, and nobody else. */
export function isForThoseTold(kind: NoticeKind): boolean {
  return ofPeople.includes(kind);
}

/** Whether a notice tells that something is over. */
function isOver({ kind }: { kind: NoticeKind }): boolean {
  return ofEnds.includes(kind);
}

/** Whether a notice asks somebody to do something. */
export function isUrgent({ kind }: { kind: NoticeKind }): boolean {
  return !isOver({ kind }) && kind !== 'acknowledged';
}

/** The notices that a rule cannot be evaluated, and that it can again. */
export type RuleNoticeKind = Extract<NoticeKind, `rule_${string}`>;
/** The notices about an alert. */
export type AlertNoticeKind = Exclude<NoticeKind, 'test' | MonthNoticeKind | RuleNoticeKind>;

/** The channels whose destinations an org enters itself, under a name. */
export const destinationKinds = ['webhook', 'pagerduty', 'teams', 'discord'] as const;
export type DestinationKind = (typeof destinationKinds)[number];

export const channelNames = ['email', 'slack', 'in_app', 'sms', ...destinationKinds] as const;
export type ChannelName = (typeof channelNames)[number];

/** The channels that reach people outside the product. Inside it, everybody sees the notices that they may read. */
export const outerChannels = ['email', 'slack', 'sms', ...destinationKinds] as const satisfies ChannelName[];
export type OuterChannel = (typeof outerChannels)[number];

/** The unit of a metric; a `ratio` is a share from 0 to 1. */
export type Unit = 'count' | 'ratio' | 'milliseconds' | 'cents' | 'tokens' | 'seconds' | 'any';

/** The change of a rule that ended an alert. */
export interface RuleEdit {
  /** The name of the field, such as `threshold`. */
  field: string;
  from: string | number | boolean | null;
  to: string | number | boolean | null;
}

/**
 * What a recipient is told about an alert, with its evidence. It is kept as JSON from the decision to the delivery. A
 * notice with a `month` is about an export schedule, and has no evidence but that.
 */
export interface Notice {
  kind: NoticeKind;
  /** Stays the same from the first firing to the end: channels thread and deduplicate by it. */
  alertId: string;
  configId: string;
  /** The org that the alert is about, which can differ from the org whose people are told; `null`: all orgs. */
  orgId: string | null;
  severity: Severity;
  /** The reason of the verdict, or what ended the alert other than its value. */
  reason:
    | VerdictReason
    | Ending
    | 'step_due'
    | 'acknowledged'
    | 'unacknowledged'
    | MonthNoticeKind
    | RuleNoticeKind;
  /** The person who acknowledged or ended the alert, and their note; `null`: the value ended it, or there is no note. */
  actorId: string | null;
  note: string | null;
  /** The name of the rule. */
  name: string;
  metric: string;
  unit: Unit;
  /** The ISO 4217 code of a metric in cents; absent: it is in no currency, or an earlier version decided the notice. */
  currency?: string | null;
  /** The type of the rule. */
  type: 'threshold_above' | 'threshold_below' | 'rate_of_change' | 'anomaly';
  /** In the unit of the metric; in percent for a rate of change, in deviations for an anomaly. */
  threshold: number;
  /** The value has to come back to this before the alert resolves; `null`: to the threshold. */
  recoveryThreshold: number | null;
  /** The dimensions that the rule groups by and the labels that it filters by, with their values. */
  group: Readonly<Record<string, string>>;
  /** The current value, or the last wrong one if there is no current one; `null`: the alert is about missing data. */
  value: number | null;
  /** When the value was measured: ISO 8601. */
  measuredAt: string;
  /** The earlier or usual value that it was compared with; `null`: the rule compares with none. */
  baseline: number | null;
  /** The window of the value; 0: it is a gauge of the moment. */
  windowSeconds: number;
  /** How many events the value was computed from. */
  sampleCount: number | null;
  /** How often the alert fired in a row, and since when (ISO 8601), if it is flapping or has settled; else absent. */
  flapping?: { times: number; since: string };
  /** Since when (ISO 8601) the value has been what is usual now, if that ended the alert; else absent. */
  newNormalSince?: string;
  /** The step of the escalation that is told, counted from 1, and since when (ISO 8601) nobody has acknowledged; else absent. */
  step?: { number: number; of: number; unacknowledgedSince: string };
  /** Why the rule cannot be evaluated (empty once the rule was changed), how often in a row, and since when (ISO 8601), for `rule_…`; else absent. */
  evaluation?: { failure: string; failures: number; since: string };
  /** The change of the rule that ended the alert, made by `actorId`; else absent. */
  edit?: RuleEdit;
  /** What the owner of the rule says about it, and where to read what to do; absent: nothing. */
  description?: string;
  runbookUrl?: string;
  /** The values of the dimensions that the rule filters by, beside its labels; absent: it has none. */
  filters?: Readonly<Record<string, string>>;
  /** The PromQL of the rule; absent: it watches another metric. */
  expression?: string;
  /** When the alert fired, and when this notice was decided: ISO 8601. */
  startedAt: string;
  at: string;
  month?: MonthFacts;
}
