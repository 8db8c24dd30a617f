import type { Ending, VerdictReason } from './reasons.ts';

/** How much an alert matters, in ascending order. */
export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** What a notice tells. `still_firing` repeats it after a cooldown, `escalated` tells of a higher severity. `test` tries a channel and is about no alert. */
export const noticeKinds = ['firing', 'still_firing', 'escalated', 'resolved', 'test'] as const;
export type NoticeKind = (typeof noticeKinds)[number];
/** The notices about an alert. */
export type AlertNoticeKind = Exclude<NoticeKind, 'test'>;

export const channelNames = ['email', 'slack', 'in_app', 'sms', 'webhook'] as const;
export type ChannelName = (typeof channelNames)[number];

/** Those that reach people outside the product; inside, everybody sees what they may. */
export const outerChannels = ['email', 'slack', 'sms', 'webhook'] as const satisfies ChannelName[];
export type OuterChannel = (typeof outerChannels)[number];

/** What a number of a metric is a number of; a `ratio` is a share from 0 to 1. */
export type Unit = 'count' | 'ratio' | 'milliseconds' | 'cents' | 'tokens' | 'seconds' | 'any';

/** What a recipient is told of an alert, with its evidence. Kept as JSON from the decision to the delivery. */
export interface Notice {
  kind: NoticeKind;
  /** One alert from its first firing to its end: what threads and deduplicates what is told of it. */
  alertId: string;
  configId: string;
  /** Whom it is about, which is not always whose people are told; `null`: all orgs together. */
  orgId: string | null;
  severity: Severity;
  /** What the value says now, or what ended the alert in its place. */
  reason: VerdictReason | Ending;
  /** Who ended it, and what they said of it; `null` where its value did, or nothing was said. */
  actorId: string | null;
  note: string | null;
  /** Of the rule. */
  name: string;
  metric: string;
  unit: Unit;
  /** What the rule watches for, such as `threshold_above`. */
  type: 'threshold_above' | 'threshold_below' | 'rate_of_change' | 'anomaly';
  /** In the unit of the metric; of a rate of change in percent, of an anomaly in deviations. */
  threshold: number;
  /** What the value must come back to; `null`: the threshold. */
  recoveryThreshold: number | null;
  /** The values of the dimensions that the rule is grouped by. */
  group: Readonly<Record<string, string>>;
  /** What was last wrong, where that is all that can be said; `null` when the alert is about missing data. */
  value: number | null;
  /** When the value was measured: ISO 8601. */
  measuredAt: string;
  /** What the value was compared with, where the rule has such. */
  baseline: number | null;
  /** What the value is taken over; 0: it is a number of the moment. */
  windowSeconds: number;
  /** How many events the value is made of. */
  sampleCount: number | null;
  /** When the alert began, and when this was decided: ISO 8601. */
  startedAt: string;
  at: string;
}
