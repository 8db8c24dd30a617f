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
import { isUntold, readLateWindows } from './late-windows.ts';
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
  const past = { query, orgs, groups: watched };
  const { end } = windows.complete;
  const ends = [end, ...late.map(({ window }) => window.end)];
  const baselines =
    rule.type === 'anomaly' ? await readBaselines(database, evaluation, { ...past, ends }) : undefined;
  const told = late.length > 0 ? await readWrongPeriods(database, evaluation.configId, now) : undefined;
  const groups = [...watched].map(([key, { group, late: lateWindows, ...values }]) => {
    const ofGroup = baselines?.get(key);
    const ofLate = told === undefined ? [] : lateOf(lateWindows, told.get(key) ?? [], ofGroup);
    const baseline = ofGroup?.get(end) ?? null;
    const observation = { ...values, baseline, failure: null, ...(ofLate.length > 0 && { late: ofLate }) };
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

/** The late windows of a group that people have not been told of. */
function lateOf(
  windows: readonly MeasuredWindow[],
  told: readonly TimeRange[],
  baselines: ReadonlyMap<number, Baseline> | undefined,
): LateObservation[] {
  return windows
    .filter(({ window }) => isUntold(window, told))
    .map((one) => ({ ...one, baseline: baselines?.get(one.window.end) ?? null }));
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
  /** The ends of the windows that are compared; milliseconds. */
  ends: readonly number[];
  groups: ReadonlyMap<string, MeasuredGroup>;
}

type PastValues = ReadonlyMap<string, Map<number, PastValue>>;

/**
 * Reads the usual values of each group, by the ends of the windows that are compared. The best kind of baseline is read first,
 * and a further kind only for the groups that have too few values of the kinds before. Windows near to each other are compared
 * with nearly the same past, which is read once.
 */
async function readBaselines(
  database: Database,
  evaluation: Evaluation,
  { query, orgs, ends, groups }: BaselinesWanted,
): Promise<Map<string, ReadonlyMap<number, Baseline>>> {
  const { rule, metric } = evaluation;
  const length = rule.windowSeconds * SECOND;
  const season = { length, timezone: rule.timezone };
  const past: PastValues = new Map([...groups.keys()].map((key) => [key, new Map()]));
  const wrongPeriods = await readWrongPeriods(database, evaluation.configId, evaluation.now);
  const kinds = ends.map((end) => baselineEnds(end, season));
  let wanting = [...past.keys()];
  for (const place of kinds[0]?.keys() ?? []) {
    if (wanting.length === 0) break;
    const endsOfKind = kinds.map((kind) => kind[place]?.ends ?? []);
    const windows = [...new Set(endsOfKind.flat())].map((until) => ({ start: until - length, end: until }));
    const wantingOrgs =
      typeof orgs === 'string'
        ? orgs
        : [...new Set(wanting.map((key) => groups.get(key)?.group[ORG_GROUP] ?? ''))];
    await readPast(database, evaluation, { query, orgs: wantingOrgs, windows, wrongPeriods, past });
    wanting = wanting.filter((key) =>
      endsOfKind.some((some) => some.filter((one) => past.get(key)?.has(one)).length < LEAST_SAMPLES),
    );
  }
  const spread = spreadOf(metric);
  return new Map(
    [...past].map(([key, values]) => [
      key,
      new Map(ends.map((end) => [end, baselineOf(end, season, spread, (one) => values.get(one))])),
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
