import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import type { NewNormal } from '../decision/new-normal.ts';
import type { Observation } from '../decision/observation.ts';
import type { Group } from '../rules/group.ts';

/** The past over which a rule is replayed. Moments are milliseconds. */
export interface Past {
  start: number;
  end: number;
  /** Before this moment the rule is evaluated less often than live, on coarser windows. */
  coarseUntil: number;
  /** The time from one evaluation to the next after `coarseUntil`. */
  step: number;
  /** The first moment with data; null: there is no data. */
  dataFrom: number | null;
  groups: readonly PastGroup[];
  /** How many other groups are not replayed. */
  groupsLeftOut: number;
}

/** One group of a rule over the past. */
export interface PastGroup {
  group: Group;
  /** The moments of its evaluations, in order. */
  moments: Iterable<number>;
  /** @param normal the level that is usual since a permanent change; absent: the value has had none */
  observe(at: number, normal?: NewNormal | null): Observation;
  /** Excludes a moment at which the value was wrong from the usual value. */
  leaveOut?(at: number): void;
}

/** The stretch of the past that is wanted. */
export interface PastWanted {
  orgId: string | null;
  /** Milliseconds, as all of these. */
  now: number;
  /** How long the stretch is. */
  reach: number;
  /** Its end; absent: now. */
  until?: number;
  /** Only this group, and the times when it was wrong before; absent: the groups with the most events. */
  only?: { group: Group; wrong: readonly TimeRange[] };
}

/** The most groups that are replayed. */
export const MOST_GROUPS = 20;

export function* every(step: number, from: number, to: number): Generator<number> {
  for (let at = from; at <= to; at += step) yield at;
}
