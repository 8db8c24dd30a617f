import type { Pool } from 'pg';
import { planWindows, type ReadPlan } from '../../queries/reading/read-plan.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { DAY, floorTo, HOUR, MINUTE, SECOND } from '../../time.ts';
import { baselineOf, type PastValue, STEP } from '../decision/baseline.ts';
import type { Measurement, Observation } from '../decision/observation.ts';
import { orgsOf, readGroups, readingOf } from '../observing/read-groups.ts';
import { byBucket, measureWindow, type ValueRow } from '../observing/rollup-values.ts';
import { type Group, keyOfGroup } from '../rules/group.ts';
import { spreadOf, type WatchableMetric } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';
import { readBusiest } from './busiest-groups.ts';
import { every, MOST_GROUPS, type Past, type PastGroup } from './past.ts';

/** Minutes are kept for two days; the last window before has to be whole. */
const MINUTES_REACH = 2 * DAY - 2 * HOUR;
/** Quarters of an hour are kept for ninety days. */
const QUARTERS_REACH = 89 * DAY;
/** The values of one group over a stretch of time. */
interface Stretch {
  plan: ReadPlan;
  buckets: ReadonlyMap<number, readonly ValueRow[]>;
}

interface StoredGroup {
  group: Group;
  events: number;
  coarse: Stretch;
  fine: Stretch | undefined;
}

/** Where the parts of the past begin and end: quarters of an hour from `start`, minutes from `fineFrom`. */
interface Parts {
  start: number;
  fineFrom: number;
  end: number;
}

/** The past of a rule whose metric is counted from events: minutes of the last two days, quarters of an hour before. */
export async function pastOfRollups(
  pool: Pool,
  rule: Rule,
  metric: WatchableMetric,
  { orgId, now, reach }: { orgId: string | null; now: number; reach: number },
): Promise<Past> {
  const end = floorTo(MINUTE, now);
  const fineFrom = rule.type === 'anomaly' ? floorTo(STEP, end) : floorTo(STEP, now - MINUTES_REACH);
  const parts = { start: floorTo(STEP, now - reach), fineFrom, end };
  const { groups, total } = await readStretches(
    pool,
    rule,
    metric,
    orgId,
    stretchesOf(rule, now, reach, parts),
  );
  const watched = groups.toSorted((a, b) => b.events - a.events).slice(0, MOST_GROUPS);
  const step = Math.max(MINUTE, floorTo(MINUTE, rule.intervalSeconds * SECOND));
  return {
    start: parts.start,
    end,
    coarseUntil: fineFrom,
    step,
    dataFrom: firstOf(watched, parts.start),
    groups: watched.map((group) => pastGroup(rule, metric, group, { ...parts, step })),
    groupsLeftOut: total - watched.length,
  };
}

function lengthOf({ windowSeconds }: Rule): number {
  return windowSeconds * SECOND;
}

/** Of a window that is made of quarters of an hour. */
function coarseLengthOf(rule: Rule): number {
  return Math.ceil(lengthOf(rule) / STEP) * STEP;
}

function bucketsOver(from: number, to: number, width: number): TimeRange[] {
  return Array.from({ length: Math.max(0, Math.round((to - from) / width)) }, (_, index) => ({
    start: from + index * width,
    end: from + (index + 1) * width,
  }));
}

/** How the past is read, its older part and its newer one. */
interface Stretches {
  coarse: ReadPlan;
  fine: ReadPlan | undefined;
  /** All of it in one or two pieces. */
  whole: ReadPlan;
}

function stretchesOf(rule: Rule, now: number, reach: number, { start, fineFrom, end }: Parts): Stretches {
  const before = rule.type === 'anomaly' ? QUARTERS_REACH : reach + 2 * coarseLengthOf(rule) + STEP;
  const coarseFrom = Math.min(start, floorTo(STEP, now - before));
  const fineStart = floorTo(STEP, fineFrom - 2 * lengthOf(rule));
  const isFine = fineFrom < floorTo(STEP, end) || rule.type !== 'anomaly';
  const pieces = [
    { start: coarseFrom, end: fineFrom },
    { start: fineFrom, end },
  ];
  return {
    coarse: planWindows(bucketsOver(coarseFrom, fineFrom, STEP)),
    fine: isFine
      ? planWindows([...bucketsOver(fineStart, fineFrom, STEP), ...bucketsOver(fineFrom, end, MINUTE)])
      : undefined,
    whole: planWindows(pieces.filter((piece) => piece.start < piece.end)),
  };
}

/** Reads the groups that may be replayed, and counts all. */
async function readStretches(
  pool: Pool,
  rule: Rule,
  metric: WatchableMetric,
  orgId: string | null,
  { coarse, fine, whole }: Stretches,
): Promise<{ groups: StoredGroup[]; total: number }> {
  const reading = readingOf(rule, metric);
  const allOrgs = await orgsOf(pool, rule, metric, orgId);
  const busiest = typeof allOrgs === 'string' ? undefined : await readBusiest(pool, reading, allOrgs, whole);
  const orgs = busiest?.orgs ?? allOrgs;
  const found = new Map<string, StoredGroup>();
  const add = (key: string, group: Group): StoredGroup => {
    const added = {
      group,
      events: 0,
      coarse: { plan: coarse, buckets: new Map() },
      fine: fine && { plan: fine, buckets: new Map() },
    };
    found.set(key, added);
    return added;
  };
  if (rule.groupBy.length === 0) add(keyOfGroup({}), {});
  for (const [plan, name] of [
    [coarse, 'coarse'],
    [fine, 'fine'],
  ] as const) {
    if (!plan) continue;
    for await (const { key, group, rows } of readGroups(pool, reading, orgs, plan)) {
      if (busiest && !busiest.keys.has(key)) continue;
      const known = found.get(key) ?? add(key, group);
      known.events += rows.reduce((sum, row) => sum + row.count, 0);
      known[name] = { plan, buckets: byBucket(rows) };
    }
  }
  return { groups: [...found.values()], total: busiest?.total ?? found.size };
}

/** The start of the first bucket that any of the groups has something in, and that is replayed. */
function firstOf(groups: readonly StoredGroup[], start: number): number | null {
  const firsts = groups
    .flatMap(({ coarse, fine }) => [coarse, fine])
    .flatMap((stretch) => [...(stretch?.buckets.keys() ?? [])].map((at) => stretch?.plan.boundaries[at] ?? 0))
    .filter((at) => at >= start);
  return firsts.length === 0 ? null : firsts.reduce((a, b) => Math.min(a, b));
}

function pastGroup(
  rule: Rule,
  metric: WatchableMetric,
  stored: StoredGroup,
  { start, fineFrom, end, step }: Parts & { step: number },
): PastGroup {
  const usual = createUsual(rule, metric, stored);
  return {
    group: stored.group,
    moments: momentsOf({ start, fineFrom, end, step }),
    observe: (at) => ({
      ...observeAt(rule, metric, stored, at, at > fineFrom && stored.fine !== undefined),
      baseline: rule.type === 'anomaly' ? usual.at(at) : null,
    }),
    leaveOut: usual.leaveOut,
  };
}

function* momentsOf({ start, fineFrom, end, step }: Parts & { step: number }): Generator<number> {
  yield* every(STEP, start, Math.min(fineFrom - 1, end));
  yield* every(step, fineFrom, end);
}

function observeAt(
  rule: Rule,
  metric: WatchableMetric,
  { coarse, fine }: StoredGroup,
  at: number,
  isFine: boolean,
): Omit<Observation, 'baseline'> {
  const length = isFine ? lengthOf(rule) : coarseLengthOf(rule);
  const { plan, buckets } = (isFine ? fine : undefined) ?? coarse;
  const over = (end: number): Measurement => {
    const measured = measureWindow(metric, buckets, plan, { start: end - length, end });
    if (metric.kind !== 'sum' || measured.value === null) return measured;
    // A longer window that stands for a shorter one has so much more of everything.
    return { ...measured, value: (measured.value * lengthOf(rule)) / length };
  };
  return {
    complete: over(at),
    current: [],
    previous: rule.type === 'rate_of_change' ? over(at - length) : null,
    failure: null,
  };
}

/** What is usual at a moment of the replay, from the values before it. */
function createUsual(rule: Rule, metric: WatchableMetric, { coarse }: StoredGroup) {
  const length = lengthOf(rule);
  const spread = spreadOf(metric);
  const values = new Map<number, PastValue>();
  if (rule.type === 'anomaly') {
    const first = Math.min(...coarse.buckets.keys());
    const since = (coarse.plan.boundaries[first] ?? Number.POSITIVE_INFINITY) + STEP;
    for (const end of coarse.plan.boundaries) {
      if (end - length < (coarse.plan.boundaries[0] ?? 0) || end < since) continue;
      const { value, samples } = measureWindow(metric, coarse.buckets, coarse.plan, {
        start: end - length,
        end,
      });
      if (value !== null && samples >= rule.minimumSamples) values.set(end, { value, samples });
    }
  }
  return {
    at: (end: number) => baselineOf(end, length, spread, (past) => values.get(past)),
    leaveOut: (end: number): void => void values.delete(end),
  };
}
