import type { Pool } from 'pg';
import { ALL_ORGS } from '../events/all-orgs.ts';
import type { DimensionColumn } from '../events/columns.ts';
import { planWindows } from '../queries/read-plan.ts';
import type { TimeRange } from '../queries/time-buckets.ts';
import { SECOND } from '../time.ts';
import { type Baseline, baselineEnds, baselineOf, LEAST_SAMPLES, type PastValue } from './baseline.ts';
import { type Group, groupOf, keyOfGroup } from './group.ts';
import { dimensionsOfMetric, spreadOf, type WatchableMetric } from './metrics.ts';
import type { Observation } from './observation.ts';
import {
  byBucket,
  measureWindow,
  type RowsByGroup,
  readRollupRows,
  type ValuesWanted,
} from './rollup-values.ts';
import { ORG_GROUP, type Rule } from './rule.ts';
import { type Windows, windowsAt } from './windows.ts';

/** What was observed of each group of a rule, by the key of the group. */
export type Observations = Map<string, { group: Group; observation: Observation }>;

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
  /** When each group was wrong in the past: no part of what is usual. */
  wrongPeriods: ReadonlyMap<string, readonly TimeRange[]>;
}

/** What is read for one org of an occasion. */
export interface Reading {
  occasion: Occasion;
  wanted: Omit<ValuesWanted, 'plan'>;
  /** What the group of a row is, from the values of its dimensions. */
  groupFor(values: readonly (string | null)[]): Group;
}

/** Observes a rule whose metric is counted from events, each of its groups. */
export const observeRollups = async (pool: Pool, occasion: Occasion): Promise<Observations> => {
  const found: Observations = new Map();
  for (const reading of await readingsOf(pool, occasion)) {
    for (const [key, observed] of await observeOrg(pool, reading)) found.set(key, observed);
  }
  return found;
};

/** What is to be read to know the values of a rule: one reading, or one for each org where orgs are its groups. */
export const readingsOf = async (pool: Pool, occasion: Occasion): Promise<Reading[]> => {
  const { rule, metric } = occasion;
  const dimensions = dimensionsOfMetric(metric);
  const columnOf = (name: string): DimensionColumn => {
    const column = dimensions.get(name);
    if (column === undefined) throw new Error(`${metric.name} has no dimension ${name}`);
    return column;
  };
  const names = rule.groupBy.filter((name) => name !== ORG_GROUP);
  const filters = Object.fromEntries([
    ...(metric.unit === 'cents' && metric.definition?.value?.kind === 'amount'
      ? [['status', 'completed']]
      : []),
    ...Object.entries(rule.filters).map(([name, value]) => [columnOf(name), value]),
  ]) as Partial<Record<DimensionColumn, string>>;
  const wanted = { metric, filters, groupBy: names.map(columnOf) };
  const isGroup = rule.groupBy.includes(ORG_GROUP);
  return (await orgsOf(pool, occasion)).map((org) => ({
    occasion,
    wanted: { ...wanted, orgId: org },
    groupFor: (values) => {
      const group = groupOf(names, values);
      return isGroup ? inOrder(rule.groupBy, { ...group, [ORG_GROUP]: org }) : group;
    },
  }));
};

const inOrder = (names: readonly string[], group: Group): Group =>
  Object.fromEntries(names.map((name) => [name, group[name] ?? '']));

/** The orgs to be read: that of the rule; or, where each is a group of its own, all that have events of the type. */
const orgsOf = async (pool: Pool, { rule, metric, orgId, known }: Occasion): Promise<string[]> => {
  if (!rule.groupBy.includes(ORG_GROUP)) return [orgId ?? ALL_ORGS];
  const { rows } = await pool.query<{ org_id: string }>(
    `select distinct org_id from analytics.series where type = $1 and org_id <> '${ALL_ORGS}'`,
    [metric.definition?.type],
  );
  return [
    ...new Set([...rows.map((row) => row.org_id), ...known.map((group) => group[ORG_GROUP] ?? '')]),
  ].sort();
};

const observeOrg = async (pool: Pool, reading: Reading): Promise<Observations> => {
  const { rule, metric, now, asOf, known } = reading.occasion;
  const windows = windowsAt(rule, now, asOf);
  const plan = planWindows(
    [windows.complete, ...windows.current, windows.previous].filter((window) => window !== null),
  );
  const rows = await readRollupRows(pool, { ...reading.wanted, plan });
  const orgOf = (group: Group) => group[ORG_GROUP];
  const groups = new Map<
    string,
    { group: Group; rows: RowsByGroup extends Map<string, infer G> ? G : never }
  >();
  for (const of of rows.values()) {
    const group = reading.groupFor(of.values);
    groups.set(keyOfGroup(group), { group, rows: of });
  }
  const expected = rule.groupBy.length === 0 ? [reading.groupFor([])] : known;
  for (const group of expected) {
    if (rule.groupBy.includes(ORG_GROUP) && orgOf(group) !== reading.wanted.orgId) continue;
    const key = keyOfGroup(group);
    if (!groups.has(key)) groups.set(key, { group, rows: { values: [], rows: [] } });
  }
  const baselines =
    rule.type === 'anomaly' ? await readBaselines(pool, reading, windows, [...groups.keys()]) : undefined;
  const found: Observations = new Map();
  for (const [key, { group, rows: of }] of groups) {
    const buckets = byBucket(of.rows);
    found.set(key, {
      group,
      observation: {
        complete: measureWindow(metric, buckets, plan, windows.complete),
        current: windows.current.map((window) => measureWindow(metric, buckets, plan, window)),
        previous: windows.previous && measureWindow(metric, buckets, plan, windows.previous),
        baseline: baselines?.get(key) ?? null,
        failure: null,
      },
    });
  }
  return found;
};

/** What is usual for each group now. Each kind of past is read only if the better ones did not do for every group. */
const readBaselines = async (
  pool: Pool,
  reading: Reading,
  { complete }: Windows,
  keys: readonly string[],
): Promise<Map<string, Baseline>> => {
  const { rule, metric, wrongPeriods } = reading.occasion;
  const length = rule.windowSeconds * SECOND;
  const past = new Map<string, Map<number, PastValue>>(keys.map((key) => [key, new Map()]));
  for (const { ends } of baselineEnds(complete.end, length)) {
    if ([...past.values()].every((values) => values.size >= LEAST_SAMPLES)) break;
    const windows = ends.map((end) => ({ start: end - length, end }));
    const plan = planWindows(windows);
    const rows = await readRollupRows(pool, { ...reading.wanted, plan });
    for (const of of rows.values()) {
      const key = keyOfGroup(reading.groupFor(of.values));
      const values = past.get(key);
      if (!values) continue;
      const buckets = byBucket(of.rows);
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
  }
  return new Map(
    [...past].map(([key, values]) => [
      key,
      baselineOf(complete.end, length, spreadOf(metric), (end) => values.get(end)),
    ]),
  );
};
