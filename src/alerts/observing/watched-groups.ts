import { isOpen } from '../decision/alert-state.ts';
import type { GroupState } from '../decision/group-state.ts';
import type { Measurement, Observation } from '../decision/observation.ts';
import { MAX_GROUPS } from '../rules/rule.ts';

/**
 * Chooses the groups to watch if a rule has more than it may. Groups with an open alert come first, because the alert
 * has to end. Groups that were watched before come next, so that a group is still watched when it has no data; but one
 * without any value gives way to one with values. Then come the groups with the most samples.
 * @param states the known groups, by key
 */
export function watchedGroups<Seen extends Pick<Observation, 'complete' | 'current'>>(
  found: ReadonlyMap<string, Seen>,
  states: ReadonlyMap<string, Pick<GroupState, 'state'>>,
  most = MAX_GROUPS,
): ReadonlyMap<string, Seen> {
  if (found.size <= most) return found;
  const ranked = [...found].map(([key, seen]) => {
    const measured: Measurement[] = [seen.complete, ...seen.current];
    const samples = Math.max(...measured.map((one) => one.samples));
    const hasValue = measured.some(({ value }) => value !== null);
    const known = states.get(key);
    const isAlerting = known !== undefined && isOpen(known.state);
    const rank = 4 * Number(isAlerting) + 2 * Number(hasValue) + Number(known !== undefined);
    return { key, seen, rank, samples };
  });
  ranked.sort((a, b) => b.rank - a.rank || b.samples - a.samples);
  return new Map(ranked.slice(0, most).map(({ key, seen }) => [key, seen]));
}
