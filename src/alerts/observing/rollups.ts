import type { Database } from '../../database/pool.ts';
import { keyOfLabel } from '../../events/labels.ts';
import { planWindows } from '../../queries/reading/read-plan.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { declaredKeys } from '../../series/label-dimensions.ts';
import { SECOND } from '../../time.ts';
import {
  type Baseline,
  baselineEnds,
  baselineOf,
  LEAST_SAMPLES,
  type PastValue,
} from '../decision/baseline.ts';
import { countedValue } from '../decision/new-normal.ts';
import type { LateObservation, Observation } from '../decision/observation.ts';
import { type Group, keyOfGroup } from '../rules/group.ts';
import { labelsOfRule } from '../rules/labels-of-rule.ts';
import { spreadOf } from '../rules/metrics.ts';
import { ORG_GROUP, type Rule } from '../rules/rule.ts';
import { type Evaluation, type Observations, observationsOf } from './evaluation.ts';
import { readLateWindows, untold } from './late-windows.ts';
import { type GroupQuery, groupQueryOf, orgsOf, readGroups } from './read-groups.ts';
import { byBucket, measureWindow, type ValueRow } from './rollup-values.ts';
import { watchedGroups } from './watched-groups.ts';
import { windowsAt } from './windows.ts';
import { readWrongPeriods } from './wrong-periods.ts';

type MeasuredGroup = Pick<Observation, 'complete' | 'current' | 'previous'> & {
  group: Group;
  late: readonly MeasuredWindow[];
};

/**
 * Observes each group of a rule whose metric is counted from events.
 * @throws the signal's reason, between two statements; and if a label of the rule is no longer declared
 */
export async function observeRollups(database: Database, evaluation: Evaluation): Promise<Observations> {
  const { rule, metric, orgId, now, asOf, states, signal } = evaluation;
  await refuseEndedLabels(database, evaluation);
  const query = groupQueryOf(rule, metric);
  const orgs = await orgsOf(database, rule, metric, orgId);
  const windows = windowsAt(rule, now, asOf);
  const late = (await readLateWindows(database, evaluation, windows.complete)).map((window) =>
    lateWindow(rule, window),
  );
  const plan = planWindows(
    [windows.complete, ...windows.current, windows.previous, ...late.flatMap(({ all }) => all)].filter(
      (window) => window !== null,
    ),
  );
  const measured = (group: Group, rows: readonly ValueRow[]): MeasuredGroup => {
    const buckets = byBucket(rows);
    const over = (window: TimeRange) => measureWindow(metric, buckets, plan, window);
    return {
      group,
      complete: over(windows.complete),
      current: windows.current.map(over),
      previous: windows.previous && over(windows.previous),
      late: late.map(({ window, previous }) => ({
        window,
        complete: over(window),
        previous: previous && over(previous),
      })),
    };
  };
  const all = new Map<string, MeasuredGroup>();
  for await (const { key, group, rows } of readGroups(database, query, { orgs, plan, signal })) {
    all.set(key, measured(group, rows));
  }
  const known = [...states.values()].map(({ group }) => group);
  for (const group of rule.groupBy.length === 0 ? [{}] : known) {
    const key = keyOfGroup(group);
    if (!all.has(key)) all.set(key, measured(group, []));
  }
  const watched = watchedGroups(all, states);
  const past = { query, orgs, end: windows.complete.end, groups: watched };
  const baselines = rule.type === 'anomaly' ? await readBaselines(database, evaluation, past) : undefined;
  const lateOf = await lateObservations(database, evaluation, past);
  const groups = [...watched].map(([key, { group, late: _late, ...values }]) => {
    const baseline = baselines?.get(key) ?? null;
    const ofLate = lateOf.get(key);
    const observation = { ...values, baseline, failure: null, ...(ofLate && { late: ofLate }) };
    return [key, { group, observation }] as const;
  });
  return observationsOf(new Map(groups), all.size);
}

type MeasuredWindow = Omit<LateObservation, 'baseline'>;

/** A late window with the one that a change compares it with. */
function lateWindow({ type }: Rule, window: TimeRange) {
  const length = window.end - window.start;
  const previous = type === 'rate_of_change' ? { start: window.start - length, end: window.start } : null;
  return { window, previous, all: [window, previous] };
}

/** The late windows of each group that people have not been told of. */
async function lateObservations(
  database: Database,
  evaluation: Evaluation,
  past: BaselinesWanted,
): Promise<ReadonlyMap<string, LateObservation[]>> {
  const { rule, configId, now } = evaluation;
  const found = new Map<string, LateObservation[]>();
  const some = [...past.groups.values()].find(({ late }) => late.length > 0);
  if (!some) return found;
  const told = await readWrongPeriods(database, configId, now);
  const baselines = new Map<number, Map<string, Baseline>>();
  if (rule.type === 'anomaly') {
    for (const { window } of some.late)
      baselines.set(window.end, await readBaselines(database, evaluation, { ...past, end: window.end }));
  }
  for (const [key, { late }] of past.groups) {
    const news = untold(
      late.map(({ window }) => window),
      told.get(key) ?? [],
    );
    const ofKey = late
      .filter(({ window }) => news.includes(window))
      .map((one) => ({ ...one, baseline: baselines.get(one.window.end)?.get(key) ?? null }));
    if (ofKey.length > 0) found.set(key, ofKey);
  }
  return found;
}

/**
 * New events are not told apart by a label that is no longer declared, so the rule would watch nothing, and say so to nobody.
 * As a failure it shows on the rule, and open alerts stay as they are.
 */
async function refuseEndedLabels(database: Database, { rule, orgId }: Evaluation): Promise<void> {
  const labels = labelsOfRule(rule);
  if (labels.length === 0 || orgId === null) return;
  const declared = await declaredKeys(database, orgId);
  const ended = labels.find(({ name }) => !declared.includes(keyOfLabel(name)));
  if (ended === undefined) return;
  throw new Error(`${ended.name} is no longer declared in ${orgId}; declare it again, or change the rule`);
}

interface BaselinesWanted {
  query: GroupQuery;
  /** As `orgsOf` gives them. */
  orgs: string | readonly string[];
  /** The end of the window that is compared; milliseconds. */
  end: number;
  groups: ReadonlyMap<string, MeasuredGroup>;
}

type PastValues = ReadonlyMap<string, Map<number, PastValue>>;

/**
 * Reads the usual value of each group. The best kind of baseline is read first, and a further kind only for the groups
 * that have too few values of the kinds before.
 */
async function readBaselines(
  database: Database,
  evaluation: Evaluation,
  wanted: BaselinesWanted,
): Promise<Map<string, Baseline>> {
  const { rule, metric } = evaluation;
  const { end, groups } = wanted;
  const length = rule.windowSeconds * SECOND;
  const season = { length, timezone: rule.timezone };
  const past: PastValues = new Map([...groups.keys()].map((key) => [key, new Map()]));
  const wrongPeriods = await readWrongPeriods(database, evaluation.configId, evaluation.now);
  let wanting = [...past.keys()];
  for (const { ends } of baselineEnds(end, season)) {
    if (wanting.length === 0) break;
    const orgs =
      typeof wanted.orgs === 'string'
        ? wanted.orgs
        : [...new Set(wanting.map((key) => groups.get(key)?.group[ORG_GROUP] ?? ''))];
    const windows = ends.map((until) => ({ start: until - length, end: until }));
    await readPast(database, evaluation, { query: wanted.query, orgs, windows, wrongPeriods, past });
    wanting = wanting.filter((key) => ends.filter((one) => past.get(key)?.has(one)).length < LEAST_SAMPLES);
  }
  return new Map(
    [...past].map(([key, values]) => [
      key,
      baselineOf(end, season, spreadOf(metric), (one) => values.get(one)),
    ]),
  );
}

interface PastWanted extends Pick<BaselinesWanted, 'query' | 'orgs'> {
  windows: readonly TimeRange[];
  wrongPeriods: ReadonlyMap<string, readonly TimeRange[]>;
  /** Gets the value of each window, by its end. */
  past: PastValues;
}

/** Reads the values of earlier windows, without those of a period in which the group was wrong. */
async function readPast(
  database: Database,
  { rule, metric, states, signal }: Evaluation,
  { query, orgs, windows, wrongPeriods, past }: PastWanted,
): Promise<void> {
  const plan = planWindows(windows);
  const isShare = metric.unit === 'ratio';
  for await (const { key, rows } of readGroups(database, query, { orgs, plan, signal })) {
    const values = past.get(key);
    if (!values) continue;
    const buckets = byBucket(rows);
    const measured = windows.map((window) => ({ window, ...measureWindow(metric, buckets, plan, window) }));
    // Before its first event a group did not exist, so a window without events there is not zero.
    const since = Math.min(...measured.filter(({ samples }) => samples > 0).map(({ window }) => window.end));
    for (const { window, value, samples } of measured) {
      if (value === null || samples < rule.minimumSamples || window.end < since) continue;
      const normal = states.get(key)?.state.normal ?? null;
      const wrong = wrongPeriods.get(key) ?? [];
      const counted = countedValue(window, { value, samples }, { wrong, normal, isShare });
      if (counted) values.set(window.end, counted);
    }
  }
}
