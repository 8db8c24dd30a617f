import type { Pool } from 'pg';
import type { ReadPlan } from '../../queries/reading/read-plan.ts';
import { type GroupQuery, readGroups } from '../observing/read-groups.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import { ORG_GROUP } from '../rules/rule.ts';
import { MOST_GROUPS } from './past.ts';

/**
 * Finds the groups with the most events in a rule with an alert for each org. Only these are replayed, because a month
 * of thousands of orgs does not fit into memory.
 * @param whole the replayed time in as few buckets as possible
 */
export async function readBusiest(
  pool: Pool,
  { wanted, groupFor }: GroupQuery,
  orgs: readonly string[],
  whole: ReadPlan,
): Promise<{ keys: ReadonlySet<string>; orgs: string[]; total: number }> {
  const metric = watchableMetrics.get(`${wanted.metric.definition?.metricPrefix}.count`) ?? wanted.metric;
  const counting = { wanted: { ...wanted, metric }, groupFor };
  const counted: { key: string; org: string; events: number }[] = [];
  for await (const { key, group, rows } of readGroups(pool, counting, { orgs, plan: whole })) {
    const events = rows.reduce((sum, row) => sum + row.count, 0);
    counted.push({ key, org: group[ORG_GROUP] ?? '', events });
  }
  const busiest = counted.toSorted((a, b) => b.events - a.events).slice(0, MOST_GROUPS);
  return {
    keys: new Set(busiest.map(({ key }) => key)),
    orgs: [...new Set(busiest.map(({ org }) => org))],
    total: counted.length,
  };
}
