import type { Pool } from 'pg';
import { planWindows, type ReadPlan } from '../../queries/reading/read-plan.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { DAY, floorTo, HOUR, MINUTE, SECOND } from '../../time.ts';
import { baselineOf, type PastValue, STEP } from '../decision/baseline.ts';
import { countedValue, type NewNormal } from '../decision/new-normal.ts';
import type { Measurement, Observation } from '../decision/observation.ts';
import { groupQueryOf, orgsOf, readGroups } from '../observing/read-groups.ts';
import { byBucket, measureWindow, type ValueRow } from '../observing/rollup-values.ts';
import { type Group, keyOfGroup, valuesOfGroup } from '../rules/group.ts';
import { spreadOf, type WatchableMetric } from '../rules/metrics.ts';
import { ORG_GROUP, type Rule } from '../rules/rule.ts';
import { readBusiest } from './busiest-groups.ts';
import { every, MOST_GROUPS, type Past, type PastGroup, type PastWanted } from './past.ts';

/** Minutes are kept for two days, and the window before the first moment needs them too. */
const MINUTES_REACH = 2 * DAY - 2 * HOUR;
/** Quarters of an hour are kept for ninety days. */
export const QUARTERS_REACH = 89 * DAY;

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

/** The two parts of the past: quarters of an hour from `start`, minutes from `fineFrom`. Milliseconds. */
interface Parts {
  start: number;
  fineFrom: number;
  end: number;
}

/**
 * The past of a rule whose metric is counted from events: minutes of the last two days, and quarters of an hour before.
 */
export async function pastOfRollups(
  pool: Pool,
  rule: Rule,
  metric: WatchableMetric,
  wanted: PastWanted,
): Promise<Past> {
  const parts = partsOf(rule, wanted);
  const stretches = stretchesOf(rule, wanted, parts);
  const { groups, total } = await readStretches(pool, { rule, metric, wanted }, stretches);
  const watched = groups.toSorted((a, b) => b.events - a.events).slice(0, MOST_GROUPS);
  const step = Math.max(MINUTE, floorTo(MINUTE, rule.intervalSeconds * SECOND));
  return {
    start: parts.start,
    end: parts.end,
    coarseUntil: parts.fineFrom,
    step,
    dataFrom: firstOf(watched, parts.start),
    groups: watched.map((group) => pastGroup(rule, metric, group, { ...parts, step, wanted })),
    groupsLeftOut: total - watched.length,
  };
}

function partsOf({ type }: Rule, { now, reach, until = now }: PastWanted): Parts {
  const end = floorTo(MINUTE, until);
  const start = floorTo(STEP, until - reach);
  const kept = type === 'anomaly' ? end : Math.min(end, now - MINUTES_REACH);
  return { start, fineFrom: Math.max(start, floorTo(STEP, kept)), end };
}

function lengthOf({ windowSeconds }: Rule): number {
  return windowSeconds * SECOND;
}

/** The length of a window that consists of whole quarters of an hour. */
function coarseLengthOf(rule: Rule): number {
  return Math.ceil(lengthOf(rule) / STEP) * STEP;
}

function bucketsOver(from: number, to: number, width: number): TimeRange[] {
  return Array.from({ length: Math.max(0, Math.round((to - from) / width)) }, (_, index) => ({
    start: from + index * width,
    end: from + (index + 1) * width,
  }));
}

/** The reads of the past. */
interface Stretches {
  coarse: ReadPlan;
  fine: ReadPlan | undefined;
  /** All of it, in one or two pieces. */
  whole: ReadPlan;
}

function stretchesOf(rule: Rule, { now }: PastWanted, { start, fineFrom, end }: Parts): Stretches {
  const before = rule.type === 'anomaly' ? now - QUARTERS_REACH : start - 2 * coarseLengthOf(rule) - STEP;
  const coarseFrom = Math.min(start, floorTo(STEP, before));
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

/** Reads the groups that can be replayed, and counts all groups. */
async function readStretches(
  pool: Pool,
  { rule, metric, wanted: { orgId, only } }: { rule: Rule; metric: WatchableMetric; wanted: PastWanted },
  { coarse, fine, whole }: Stretches,
): Promise<{ groups: StoredGroup[]; total: number }> {
  const query = groupQueryOf(only ? narrowed(rule, only.group) : rule, metric);
  const onlyOrg = only?.group[ORG_GROUP];
  const allOrgs = onlyOrg === undefined ? await orgsOf(pool, rule, metric, orgId) : [onlyOrg];
  const busiest =
    typeof allOrgs === 'string' || only ? undefined : await readBusiest(pool, query, allOrgs, whole);
  const orgs = busiest?.orgs ?? allOrgs;
  const keys = only ? new Set([keyOfGroup(only.group)]) : busiest?.keys;
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
  else if (only) add(keyOfGroup(only.group), only.group);
  for (const [plan, name] of [
    [coarse, 'coarse'],
    [fine, 'fine'],
  ] as const) {
    if (!plan) continue;
    for await (const { key, group, rows } of readGroups(pool, query, { orgs, plan })) {
      if (keys && !keys.has(key)) continue;
      const known = found.get(key) ?? add(key, group);
      known.events += rows.reduce((sum, row) => sum + row.count, 0);
      known[name] = { plan, buckets: byBucket(rows) };
    }
  }
  return { groups: [...found.values()], total: busiest?.total ?? found.size };
}

/** The rule over one of its groups, as far as filters can say it. */
export function narrowed(rule: Rule, group: Group): Rule {
  const { [ORG_GROUP]: _org, ...values } = valuesOfGroup(group);
  return { ...rule, filters: { ...rule.filters, ...values } };
}

/** The start of the first replayed bucket in which any group has data. */
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
  { start, fineFrom, end, step, wanted }: Parts & { step: number; wanted: PastWanted },
): PastGroup {
  const usual = createUsual(rule, metric, stored);
  for (const period of wanted.only?.wrong ?? []) usual.leaveOutPeriod(period);
  const coarse = { ...stored.coarse, length: coarseLengthOf(rule) };
  const fine = stored.fine && { ...stored.fine, length: lengthOf(rule) };
  const windowsAround = (at: number) => (at > fineFrom && fine ? fine : coarse);
  return {
    group: stored.group,
    moments: momentsOf({ start, fineFrom, end, step }),
    observe: (at, normal = null) => ({
      ...observeAt(rule, metric, windowsAround(at), at),
      baseline: rule.type === 'anomaly' ? usual.at(at, normal) : null,
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
  { plan, buckets, length }: Stretch & { length: number },
  at: number,
): Omit<Observation, 'baseline'> {
  const over = (end: number): Measurement => {
    const measured = measureWindow(metric, buckets, plan, { start: end - length, end });
    if (metric.kind !== 'sum' || measured.value === null) return measured;
    // A longer window replaces a shorter one here, and a sum grows with the length of its window.
    return { ...measured, value: (measured.value * lengthOf(rule)) / length };
  };
  return {
    complete: over(at),
    current: [],
    previous: rule.type === 'rate_of_change' ? over(at - length) : null,
    failure: null,
  };
}

/** The usual value at a moment of the replay, from the values before it. */
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
  const leftOut = new Set<number>();
  const isShare = metric.unit === 'ratio';
  const counted = (end: number, normal: NewNormal | null): PastValue | undefined => {
    const value = values.get(end);
    const window = { start: end - length, end };
    const wrong = leftOut.has(end) ? [window] : [];
    return value && countedValue(window, value, { wrong, normal, isShare });
  };
  return {
    at: (end: number, normal: NewNormal | null) =>
      baselineOf(end, { length, timezone: rule.timezone }, spread, (past) => counted(past, normal)),
    leaveOut: (end: number): void => void leftOut.add(end),
    leaveOutPeriod: (period: TimeRange): void => {
      for (const end of values.keys()) {
        if (end - length < period.end && end > period.start) leftOut.add(end);
      }
    },
  };
}
