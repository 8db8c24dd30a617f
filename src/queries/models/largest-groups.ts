import { MAX_POINTS, refuseTooMany } from '../reading/read-plan.ts';
import type { TimeRange } from '../reading/time-buckets.ts';

/** The values of the dimensions of a group, in their order; `null` for events without the dimension. */
export type GroupNames = readonly (string | null)[];

export interface GroupSize {
  names: GroupNames;
  /** What groups are compared by, such as their calls. */
  size: number;
}

/** The groups that a series shows one by one, and how many others are added up in one group, the rest. */
export interface ShownGroups {
  /** In the order of their names: `null` comes last. */
  shown: GroupNames[];
  /** How many groups the rest consists of. */
  rest: number;
}

interface GroupLimits {
  /** The number of buckets of the range. */
  buckets: number;
  range: TimeRange;
  /** The most groups that the query wants; `undefined`: as many as an answer may have. */
  top: number | undefined;
}

/**
 * Chooses the largest groups. An answer has at most `MAX_POINTS` points, so with more buckets it shows fewer
 * groups.
 * @throws {CodedError} `too_many_points` if there is no room for one group and the rest
 */
export function largestGroups(
  groups: readonly GroupSize[],
  { buckets, range, top = groups.length }: GroupLimits,
): ShownGroups {
  const fitting = Math.floor(MAX_POINTS / Math.max(1, buckets));
  // The rest takes the place of one group.
  const most = groups.length <= Math.min(top, fitting) ? groups.length : Math.min(top, fitting - 1);
  if (most < 1 && groups.length > 0) refuseTooMany(buckets, range, 2);
  const bySize = groups.toSorted((a, b) => b.size - a.size || compareGroups(a.names, b.names));
  const shown = bySize.slice(0, most).map(({ names }) => names);
  return { shown: shown.sort(compareGroups), rest: groups.length - shown.length };
}

function compareGroups(a: GroupNames, b: GroupNames): number {
  for (const [index, name] of a.entries()) {
    const difference = compareNames(name, b[index] ?? null);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** By name, with null last. */
function compareNames(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
