import type { Measurement, Observation } from '../decision/observation.ts';
import { type Group, keyOfGroup } from '../rules/group.ts';
import { MAX_GROUPS } from '../rules/rule.ts';

interface Before {
  /** Groups that were watched before. */
  known: readonly Group[];
  /** The keys of those with an open alert. */
  alerting: ReadonlySet<string>;
}

/**
 * The groups of a rule that are watched, where it has more than it may. An alert that is open has to end, so its
 * group comes first. Whoever was watched before stays, so that a group is watched also when it falls silent; but
 * one without any value gives way to those with one. Then come those with the most samples.
 */
export function watchedGroups<Seen extends Pick<Observation, 'complete' | 'current'>>(
  found: ReadonlyMap<string, Seen>,
  { known, alerting }: Before,
  most = MAX_GROUPS,
): ReadonlyMap<string, Seen> {
  if (found.size <= most) return found;
  const knownKeys = new Set(known.map(keyOfGroup));
  const ranked = [...found].map(([key, seen]) => {
    const measured: Measurement[] = [seen.complete, ...seen.current];
    const samples = Math.max(...measured.map((one) => one.samples));
    const hasValue = measured.some(({ value }) => value !== null);
    const rank = 4 * Number(alerting.has(key)) + 2 * Number(hasValue) + Number(knownKeys.has(key));
    return { key, seen, rank, samples };
  });
  ranked.sort((a, b) => b.rank - a.rank || b.samples - a.samples);
  return new Map(ranked.slice(0, most).map(({ key, seen }) => [key, seen]));
}
