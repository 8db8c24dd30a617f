import type { Database } from '../../database/pool.ts';
import type { ChartOf, ChartValues } from '../../notifications/chart/chart-values.ts';
import { planWindows } from '../../queries/reading/read-plan.ts';
import { type Clock, DAY, floorTo, HOUR, MINUTE, SECOND } from '../../time.ts';
import { groupQueryOf, orgsOf, readGroups } from '../observing/read-groups.ts';
import { byBucket, measureWindow } from '../observing/rollup-values.ts';
import { type Group, groupOfKey, keyOfGroup } from '../rules/group.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import { ORG_GROUP, type Rule } from '../rules/rule.ts';

const POINTS = 60;
/** A chart shows this many windows, but an hour at least and a day at most. */
const WINDOWS_SHOWN = 12;
/** A mail does not wait for longer. */
const PATIENCE = 2 * SECOND;

interface ChartRow {
  org_id: string | null;
  all_orgs: boolean;
  rule: Rule;
  group_key: string;
}

/** Reads the values of the charts of alerts, for rules whose metric is counted from events. */
export function alertCharts(database: Database, clock: Clock): ChartOf {
  return async (alertId) => {
    const { rows } = await database.query<ChartRow>(
      'select org_id, all_orgs, rule, group_key from analytics.alert_history where id = $1',
      [alertId],
    );
    const [row] = rows;
    return row && chartOf(database, row, clock.now());
  };
}

async function chartOf(
  database: Database,
  { org_id, all_orgs, rule, group_key }: ChartRow,
  now: number,
): Promise<ChartValues | undefined> {
  const metric = watchableMetrics.get(rule.metric);
  if (!metric?.definition) return undefined;
  const group = groupOfKey(group_key);
  const orgs = group[ORG_GROUP] ?? (await orgsOf(database, rule, metric, all_orgs ? null : org_id));
  const length = rule.windowSeconds * SECOND;
  const shown = Math.min(DAY, Math.max(HOUR, WINDOWS_SHOWN * length));
  const step = Math.max(MINUTE, floorTo(MINUTE, shown / POINTS));
  const end = floorTo(MINUTE, now);
  const windows = Array.from({ length: POINTS + 1 }, (_, index) => {
    const until = end - (POINTS - index) * step;
    return { start: until - length, end: until };
  });
  const plan = planWindows(windows);
  const signal = AbortSignal.timeout(PATIENCE);
  const query = groupQueryOf(rule, metric);
  for await (const { key, rows } of readGroups(database, query, { orgs, plan, signal })) {
    if (key !== keyOfGroup(inOrderOf(rule, group))) continue;
    const buckets = byBucket(rows);
    const points = windows.map((window) => ({
      at: window.end,
      value: measureWindow(metric, buckets, plan, window).value,
    }));
    const isLevel = rule.type === 'threshold_above' || rule.type === 'threshold_below';
    return { points, threshold: isLevel ? rule.threshold : null };
  }
  return undefined;
}

function inOrderOf({ groupBy }: Rule, group: Group): Group {
  return Object.fromEntries(groupBy.map((name) => [name, group[name] ?? '']));
}
