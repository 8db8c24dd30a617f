/** An alert rule: the metric, the condition, and the channels of its notices. */
import { type ChannelName, type Severity, severities } from '../../notifications/notice/notice.ts';

export const ruleTypes = ['threshold_above', 'threshold_below', 'rate_of_change', 'anomaly'] as const;
export type RuleType = (typeof ruleTypes)[number];

export const noDataMeanings = ['keep', 'alert', 'ok'] as const;
export type NoData = (typeof noDataMeanings)[number];

export const directions = ['both', 'up', 'down'] as const;
export type Direction = (typeof directions)[number];

/** A channel of a rule. */
export interface RuleChannel {
  channel: ChannelName;
  /**
   * An email address, a phone number, a user, or the name of a Slack or webhook destination, never its secret address.
   * Absent: the recipients that the preferences of the org name for this channel. Inside the product (`in_app`) it has
   * no effect: everybody who may read the alert is told.
   */
  to?: string;
}

/** A channel of a step of an escalation. */
export interface StepChannel extends RuleChannel {
  /** A team of the preferences, which have its address on the channel; instead of `to`. */
  team?: string;
}

/** Further recipients of an alert that nobody has acknowledged in time. */
export interface EscalationStep {
  /** Counted from the first notice of the alert, or from the moment that an acknowledgement was taken back. */
  afterSeconds: number;
  channels: StepChannel[];
}

/** The most steps of an escalation. */
export const MAX_STEPS = 5;

/** The name in `groupBy` that makes each org a group of its own, in a rule over all orgs. */
export const ORG_GROUP = 'org';

/** The most groups that one rule watches, and so the most alerts that it can have at a time. */
export const MAX_GROUPS = 1_000;

export interface Rule {
  name: string;
  description: string;
  /** The page that says what to do; null: there is none. */
  runbookUrl: string | null;
  /** A watchable metric, such as `usage.error_rate`. */
  metric: string;
  /** PromQL, for the metric `prometheus`; else null. */
  expression: string | null;
  /** The value that events must have in a dimension, by the name of the dimension. */
  filters: Record<string, string>;
  /** The rule has one alert for each combination of these dimensions; empty: one alert in all. */
  groupBy: string[];
  type: RuleType;
  /**
   * In the unit of the metric; in percent for `rate_of_change` (negative: a fall); in robust standard deviations
   * for `anomaly`.
   */
  threshold: number;
  /** The value has to come back to this before the alert resolves; null: to the threshold. */
  recoveryThreshold: number | null;
  /** The direction that counts as unusual, for `anomaly`. */
  direction: Direction;
  /** The least divisor of a change, so that tiny values give no huge changes, for `rate_of_change`; null: none. */
  floor: number | null;
  /** The least difference that counts, in the unit of the metric, for `rate_of_change` and `anomaly`. */
  minimumChange: number;
  /** The IANA zone whose clocks say which hour of the week it is, for `anomaly`; null: that of the org, or UTC. */
  timezone: string | null;
  windowSeconds: number;
  /** How long the value must be wrong before the alert fires. */
  forSeconds: number;
  /** How long the value must be right before the alert resolves. */
  recoverySeconds: number;
  /** The time from one evaluation to the next. */
  intervalSeconds: number;
  /** Evaluate also as soon as new data of the org is in the rollups. */
  onData: boolean;
  /** A value of fewer samples is ignored. */
  minimumSamples: number;
  /**
   * An alert that fires again within this time of its end counts as returned. From the third firing on it is flapping: one
   * notice says so, and it stays open until it has been right for so long. 0: alerts never flap.
   */
  cooldownSeconds: number;
  /** The time after which an alert that still fires, and that nobody has acknowledged, is told again; 0: never. */
  repeatSeconds: number;
  /**
   * The alert of a group ends once the group has had no data for so long; 0: never. Null: ten windows, at least an hour.
   */
  groupGoneSeconds: number | null;
  severity: Severity;
  noData: NoData;
  channels: RuleChannel[];
  /** The steps in the order of their times; empty: there is no escalation. */
  escalation: EscalationStep[];
  enabled: boolean;
}

/** The part of a rule that its groups depend on. If it changes, open alerts have lost their meaning. */
export function subjectOf({ metric, expression, filters, groupBy, type }: Rule): string {
  return JSON.stringify([metric, expression, Object.entries(filters).sort(), groupBy, type]);
}

export function isWorse(one: Severity, other: Severity): boolean {
  return severities.indexOf(one) > severities.indexOf(other);
}
