import type { GroupState } from '../decision/group-state.ts';
import type { Observation } from '../decision/observation.ts';
import type { ConfiguredRule } from '../rules/configured-rule.ts';
import type { Group } from '../rules/group.ts';
import type { WatchableMetric } from '../rules/metrics.ts';
import type { SilencedAt } from '../silences/silences-in-force.ts';

/** The evaluation of a rule at one moment. */
export interface Evaluation extends ConfiguredRule {
  metric: WatchableMetric;
  /** The state of each known group, by key. It is updated from one moment to the next. */
  states: Map<string, GroupState>;
  /** Milliseconds. */
  now: number;
  /** The numbers include everything that was stored before this moment; milliseconds. */
  asOf: number;
  /** Says which alerts are told to nobody. */
  silencedAt: SilencedAt;
  /** The last evaluation of the rule (milliseconds); null: this is the first. */
  evaluatedBefore: number | null;
  /** Whether the moment is a missed one of the past. */
  catchingUp: boolean;
  /** Aborts when the time for reading is over. */
  signal: AbortSignal;
}

/** How an evaluation went, in words for the people who own the rule. */
export interface EvaluationResult {
  /** Why nothing could be read; null: everything was read. */
  failure: string | null;
  /** What the rule does not watch although it was read; null: it watches everything. */
  limitation: string | null;
  /** Whether it failed because its source answers nothing. */
  sourceAway?: boolean;
}

/** The watched groups, by key, each with its observation. */
export type ObservedGroups = ReadonlyMap<string, { group: Group; observation: Observation }>;

/** The observations of one evaluation. */
export interface Observations extends EvaluationResult {
  groups: ObservedGroups;
}

/** @param total how many groups the rule has; more than are watched if it has too many */
export function observationsOf(groups: ObservedGroups, total = groups.size): Observations {
  const limitation =
    total === groups.size
      ? null
      : `the rule has ${total} groups and only ${groups.size} are watched: those watched before, then those with the most samples`;
  return { groups, failure: null, limitation };
}
