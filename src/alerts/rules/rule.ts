/** An alert rule: what is watched, when it is wrong, and who is to know. */
import { type ChannelName, type Severity, severities } from '../../notifications/notice/notice.ts';

export const ruleTypes = ['threshold_above', 'threshold_below', 'rate_of_change', 'anomaly'] as const;
export type RuleType = (typeof ruleTypes)[number];

export const noDataMeanings = ['keep', 'alert', 'ok'] as const;
export type NoData = (typeof noDataMeanings)[number];

export const directions = ['both', 'up', 'down'] as const;
export type Direction = (typeof directions)[number];

/** Where notices of a rule go. */
export interface RuleChannel {
  channel: ChannelName;
  /**
   * An email address, a phone number, a user, or the name of a Slack or webhook destination: never its address,
   * which is a secret. Absent: whoever the preferences of the org name for this channel. Inside the product (`in_app`)
   * everybody is told who may read the alert, whatever is here.
   */
  to?: string;
}

/** Groups of an alert are told apart by dimensions, or by `org` for a rule over all orgs. */
export const ORG_GROUP = 'org';

/** The most alerts one rule can have at a time. */
export const MAX_GROUPS = 1_000;

export interface Rule {
  name: string;
  description: string;
  /** A watchable metric, such as `usage.error_rate`. */
  metric: string;
  /** PromQL, for the metric `prometheus`; else null. */
  expression: string | null;
  /** Only events whose dimension has this value, by the name of the dimension. */
  filters: Record<string, string>;
  /** One alert for each combination of these dimensions; one for all when empty. */
  groupBy: string[];
  type: RuleType;
  /**
   * In the unit of the metric; in percent for `rate_of_change` (negative: a fall); in robust standard deviations
   * for `anomaly`.
   */
  threshold: number;
  /** What the value must come back to before the alert resolves; null: the threshold. */
  recoveryThreshold: number | null;
  /** Which way is unusual, for `anomaly`. */
  direction: Direction;
  /** The least number that a change is taken relative to, for `rate_of_change`; null: none. */
  floor: number | null;
  /** The least difference that counts, in the unit of the metric, for `rate_of_change` and `anomaly`. */
  minimumChange: number;
  windowSeconds: number;
  /** How long it must be wrong before the alert fires. */
  forSeconds: number;
  /** How long it must be right before the alert resolves. */
  recoverySeconds: number;
  /** Time from one evaluation to the next. */
  intervalSeconds: number;
  /** Evaluate also as soon as data of the org has been rolled up. */
  onData: boolean;
  /** Values of fewer samples say nothing. */
  minimumSamples: number;
  /** The least time between two notices that it fires; 0: one notice, and no repeats. */
  cooldownSeconds: number;
  severity: Severity;
  noData: NoData;
  channels: RuleChannel[];
  enabled: boolean;
}

/** What tells the groups of a rule from those of another: when it changes, open alerts have lost their meaning. */
export function subjectOf({ metric, expression, filters, groupBy, type }: Rule): string {
  return JSON.stringify([metric, expression, Object.entries(filters).sort(), groupBy, type]);
}

export function isWorse(one: Severity, other: Severity): boolean {
  return severities.indexOf(one) > severities.indexOf(other);
}
