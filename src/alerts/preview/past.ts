import type { Observation } from '../decision/observation.ts';
import type { Group } from '../rules/group.ts';

/** How far back a rule is replayed, and how it would have been evaluated then. Moments are milliseconds. */
export interface Past {
  start: number;
  end: number;
  /** Until then it is looked at less often than live, on coarser windows. */
  coarseUntil: number;
  /** From one evaluation to the next after that. */
  step: number;
  /** The first moment of which there is data; null where there is none. */
  dataFrom: number | null;
  groups: readonly PastGroup[];
  /** How many more there are, which are not replayed. */
  groupsLeftOut: number;
}

/** One group of a rule over that time. */
export interface PastGroup {
  group: Group;
  /** When it is evaluated, in order. */
  moments: Iterable<number>;
  observe(at: number): Observation;
  /** Told of moments at which it was wrong: no part of what is usual. */
  leaveOut?(at: number): void;
}

/** Groups that are replayed, at most. */
export const MOST_GROUPS = 20;

export function* every(step: number, from: number, to: number): Generator<number> {
  for (let at = from; at <= to; at += step) yield at;
}
