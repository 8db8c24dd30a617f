import type { Database } from '../../database/pool.ts';
import { planWindows } from '../../queries/reading/read-plan.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { SECOND } from '../../time.ts';
import {
  type Baseline,
  baselineEnds,
  baselineOf,
  LEAST_SAMPLES,
  type PastValue,
} from '../decision/baseline.ts';
import type { Observation } from '../decision/observation.ts';
import { type Group, keyOfGroup } from '../rules/group.ts';
import { spreadOf, type WatchableMetric } from '../rules/metrics.ts';
import { ORG_GROUP, type Rule } from '../rules/rule.ts';
import { orgsOf, type Reading, readGroups, readingOf } from './read-groups.ts';
import { byBucket, measureWindow, type ValueRow } from './rollup-values.ts';
import { watchedGroups } from './watched-groups.ts';
import { type Windows, windowsAt } from './windows.ts';

/** What was observed of each group of a rule, by the key of the group. */
export type Observations = Map<string, { group: Group; observation: Observation }>;

/** What was observed of a rule. */
export interface Observed {
  /** The groups that are watched. */
  found: Observations;
  /** How many there are. */
  groups: number;
}

/** A rule at a moment. */
export interface Occasion {
  rule: Rule;
  metric: WatchableMetric;
  /** An org; null: all together. */
  orgId: string | null;
  /** Milliseconds. */
  now: number;
  /** Everything stored before this moment is in the numbers. */
  asOf: number;
  /** Groups that were seen before: they are observed also when nothing happened. */
  known: readonly Group[];
  /** The keys of those with an open alert. */
  alerting: ReadonlySet<string>;
  /** When each group was wrong in the past: no part of what is usual. */
  wrongPeriods: ReadonlyMap<string, readonly TimeRange[]>;
  /** Aborts when the time for reading is over. */
  signal: AbortSignal;
}

type Measured = Pick<Observation, 'complete' | 'current' | 'previous'> & { group: Group };

/**
 * Observes a rule whose metric is counted from events, each of its groups.
 * @throws the signal's reason, between two statements
 */
export async function observeRollups(database: Database, occasion: Occasion): Promise<Observed> {
  const { rule, metric, orgId, now, asOf, known, signal } = occasion;
  const reading = readingOf(rule, metric);
  const orgs = await orgsOf(database, rule, metric, orgId);
  const windows = windowsAt(rule, now, asOf);
  const plan = planWindows(
    [windows.complete, ...windows.current, windows.previous].filter((window) => window !== null),
  );
  const measured = (group: Group, rows: readonly ValueRow[]): Measured => {
    const buckets = byBucket(rows);
    const over = (window: TimeRange) => measureWindow(metric, buckets, plan, window);
    return {
      group,
      complete: over(windows.complete),
      current: windows.current.map(over),
      previous: windows.previous && over(windows.previous),
    };
  };
  const all = new Map<string, Measured>();
  for await (const { key, group, rows } of readGroups(database, reading, orgs, plan, signal)) {
    all.set(key, measured(group, rows));
  }
  for (const group of rule.groupBy.length === 0 ? [{}] : known) {
    const key = keyOfGroup(group);
    if (!all.has(key)) all.set(key, measured(group, []));
  }
  const watched = watchedGroups(all, occasion);
  const baselines =
    rule.type === 'anomaly'
      ? await readBaselines(database, occasion, { reading, orgs, windows, groups: watched })
      : undefined;
  const found: Observations = new Map();
  for (const [key, { group, ...values }] of watched) {
    const baseline = baselines?.get(key) ?? null;
    found.set(key, { group, observation: { ...values, baseline, failure: null } });
  }
  return { found, groups: all.size };
}

interface PastWanted {
  reading: Reading;
  /** As `orgsOf` has them. */
  orgs: string | readonly string[];
  windows: Windows;
  groups: ReadonlyMap<string, Measured>;
}

/** What is usual for each group now. Each kind of past is read for those for which the better ones did not do. */
async function readBaselines(
  database: Database,
  { rule, metric, wrongPeriods, signal }: Occasion,
  { reading, orgs, windows: { complete }, groups }: PastWanted,
): Promise<Map<string, Baseline>> {
  const length = rule.windowSeconds * SECOND;
  const past = new Map<string, Map<number, PastValue>>([...groups.keys()].map((key) => [key, new Map()]));
  let wanting = [...past.keys()];
  for (const { ends } of baselineEnds(complete.end, length)) {
    if (wanting.length === 0) break;
    const windows = ends.map((end) => ({ start: end - length, end }));
    const plan = planWindows(windows);
    const of =
      typeof orgs === 'string'
        ? orgs
        : [...new Set(wanting.map((key) => groups.get(key)?.group[ORG_GROUP] ?? ''))];
    for await (const { key, rows } of readGroups(database, reading, of, plan, signal)) {
      const values = past.get(key);
      if (!values) continue;
      const buckets = byBucket(rows);
      const measured = windows.map((window) => ({ window, ...measureWindow(metric, buckets, plan, window) }));
      // Before its first event a group is not known to have been at zero: it was not there.
      const since = Math.min(
        ...measured.filter(({ samples }) => samples > 0).map(({ window }) => window.end),
      );
      for (const { window, value, samples } of measured) {
        if (value === null || samples < rule.minimumSamples || window.end < since) continue;
        if (wrongPeriods.get(key)?.some(({ start, end }) => window.start < end && window.end > start))
          continue;
        values.set(window.end, { value, samples });
      }
    }
    wanting = wanting.filter((key) => ends.filter((end) => past.get(key)?.has(end)).length < LEAST_SAMPLES);
  }
  return new Map(
    [...past].map(([key, values]) => [
      key,
      baselineOf(complete.end, length, spreadOf(metric), (end) => values.get(end)),
    ]),
  );
}
