import { MAX_POINTS, refuseTooMany } from '../reading/read-plan.ts';
import type { TimeRange } from '../reading/time-buckets.ts';

/** The groups that a series shows one by one, and how many others are added up in one group, the rest. */
export interface ShownGroups {
  /** The names, in order: `null` for events without the dimension comes last. */
  shown: (string | null)[];
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
 * Chooses the groups with the most events. An answer has at most `MAX_POINTS` points, so with more buckets it shows fewer
 * groups.
 * @param events the events of each group
 * @throws {CodedError} `too_many_points` if there is no room for one group and the rest
 */
export function largestGroups(
  events: ReadonlyMap<string | null, number>,
  { buckets, range, top = events.size }: GroupLimits,
): ShownGroups {
  const fitting = Math.floor(MAX_POINTS / Math.max(1, buckets));
  // The rest takes the place of one group.
  const most = events.size <= Math.min(top, fitting) ? events.size : Math.min(top, fitting - 1);
  if (most < 1 && events.size > 0) refuseTooMany(buckets, range, 2);
  const bySize = [...events].sort(([a, m], [b, n]) => n - m || compareNames(a, b));
  const shown = bySize.slice(0, most).map(([name]) => name);
  return { shown: shown.sort(compareNames), rest: events.size - shown.length };
}

/** By name, with null last. */
function compareNames(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
