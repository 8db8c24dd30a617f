import { isOpen } from './alert-state.ts';
import type { GroupState } from './group-states.ts';
import type { Observation } from './observation.ts';
import type { Observations } from './observe-rollups.ts';
import type { Rule } from './rule.ts';
import { judge } from './verdict.ts';

/**
 * Keeps the groups that matter most where there are more than can be watched: those with an open alert; then those
 * that something can be said of, the known before the new, as a known one may be missed; then the rest. Of
 * equal ones those with the most samples.
 * @returns the groups, and in words what was left out, if anything was
 */
export const atMost = (
  most: number,
  rule: Rule,
  found: Observations,
  states: ReadonlyMap<string, Pick<GroupState, 'state'>>,
): { found: Observations; failure: string | null } => {
  if (found.size <= most) return { found, failure: null };
  const rankOf = (key: string, observation: Observation): number => {
    const known = states.get(key);
    if (known && isOpen(known.state)) return 3;
    if (judge(rule, observation).says === 'nothing') return 0;
    return known ? 2 : 1;
  };
  const ranked = [...found]
    .map(([key, of]) => ({ key, of, rank: rankOf(key, of.observation) }))
    .sort((a, b) => b.rank - a.rank || b.of.observation.complete.samples - a.of.observation.complete.samples);
  return {
    found: new Map(ranked.slice(0, most).map(({ key, of }) => [key, of])),
    failure: `it has ${found.size} groups; ${most} are watched: those with alerts, then those with the most samples`,
  };
};
