import type { Database } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { isLabelName } from '../../events/labels.ts';
import type { ReadPlan } from '../../queries/reading/read-plan.ts';
import type { SeriesColumn } from '../../queries/reading/series-columns.ts';
import { type Group, groupOf, keyOfGroup } from '../rules/group.ts';
import { dimensionsOfMetric, type WatchableMetric } from '../rules/metrics.ts';
import { ORG_GROUP, type Rule } from '../rules/rule.ts';
import { readRollupRows, type ValueRow, type ValuesWanted } from './rollup-values.ts';

/** Points that one statement asks for, over all its orgs. It returns several rows a point: one for each status. */
const POINTS_AT_ONCE = 20_000;

/** The query for the values of a rule, and the group of each row that it returns. */
export interface GroupQuery {
  wanted: Omit<ValuesWanted, 'plan' | 'orgs'>;
  /** The group of a row, from its org and the values of its dimensions. */
  groupFor(org: string, values: readonly (string | null)[]): Group;
}

export function groupQueryOf(rule: Rule, metric: WatchableMetric): GroupQuery {
  const dimensions = dimensionsOfMetric(metric);
  const columnOf = (name: string): SeriesColumn => {
    if (isLabelName(name)) return name;
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
  ]) as Partial<Record<SeriesColumn, string>>;
  const isGroup = rule.groupBy.includes(ORG_GROUP);
  return {
    wanted: { metric, filters, groupBy: names.map(columnOf) },
    groupFor: (org, values) => {
      const group = groupOf(names, values);
      return isGroup ? inOrder(rule.groupBy, { ...group, [ORG_GROUP]: org }) : group;
    },
  };
}

function inOrder(names: readonly string[], group: Group): Group {
  return Object.fromEntries(names.map((name) => [name, group[name] ?? '']));
}

/** The org to read: that of the rule. If each org is a group of its own: all that have events of the type. */
export async function orgsOf(
  database: Database,
  rule: Rule,
  metric: WatchableMetric,
  orgId: string | null,
): Promise<string | string[]> {
  if (!rule.groupBy.includes(ORG_GROUP)) return orgId ?? ALL_ORGS;
  const { rows } = await database.query<{ org_id: string }>(
    `select distinct org_id from analytics.series where type = $1 and org_id <> '${ALL_ORGS}' order by 1`,
    [metric.definition?.type],
  );
  return rows.map((row) => row.org_id);
}

export interface GroupsWanted {
  /** One org, or many, as `orgsOf` gives them. */
  orgs: string | readonly string[];
  plan: ReadPlan;
  /** No statement begins once it has aborted. */
  signal?: AbortSignal;
}

/** Reads the rows of every group. One statement takes only as many orgs as its answer fits into memory. */
export async function* readGroups(
  database: Database,
  { wanted, groupFor }: GroupQuery,
  { orgs, plan, signal }: GroupsWanted,
): AsyncGenerator<{ key: string; group: Group; rows: readonly ValueRow[] }> {
  const atOnce = Math.max(1, Math.floor(POINTS_AT_ONCE / plan.boundaries.length));
  for (let first = 0; first < (typeof orgs === 'string' ? 1 : orgs.length); first += atOnce) {
    signal?.throwIfAborted();
    const some = typeof orgs === 'string' ? orgs : orgs.slice(first, first + atOnce);
    const found = await readRollupRows(database, { ...wanted, orgs: some, plan });
    for (const { org, values, rows } of found.values()) {
      const group = groupFor(org, values);
      yield { key: keyOfGroup(group), group, rows };
    }
  }
}
