import pg from 'pg';

/** A node of a plan, as `explain (analyze, format json)` shows it. */
interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Rows Removed by Join Filter'?: number;
  Plans?: PlanNode[];
}

/** What running one statement took. */
export interface Effort {
  sql: string;
  /** Rows that the busiest node of the plan looked at, over all its runs. */
  most: number;
  /** That node. */
  node: string;
  plan: PlanNode;
}

type Query = (...parameters: unknown[]) => unknown;

/**
 * Explains each question about rollups, and each compaction, that this process sends, on its own connection and before the statement itself.
 * Connections that were opened before are not watched.
 * @returns gives the efforts since it was last called
 */
export function explainStatements(): { taken(): Effort[]; stop(): void } {
  let efforts: Effort[] = [];
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const plain = prototype.query;
  prototype.query = function (this: unknown, ...parameters: unknown[]) {
    const [sql, values, callback] = parameters;
    if (typeof sql !== 'string' || !/^\s*with (rows|touched) as/.test(sql))
      return plain.apply(this, parameters);
    const explained = plain.call(this, `explain (analyze, buffers, format json) ${sql}`, values) as Promise<{
      rows: { 'QUERY PLAN': { Plan: PlanNode }[] }[];
    }>;
    const result = explained.then(({ rows }) => {
      const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
      if (plan) efforts.push(effortOf(sql, plan));
      return plain.call(this, sql, values);
    });
    if (typeof callback !== 'function') return result;
    result.then(
      (answer) => callback(undefined, answer),
      (error) => callback(error),
    );
    return undefined;
  };
  return {
    taken: () => {
      const taken = efforts;
      efforts = [];
      return taken;
    },
    stop: () => {
      prototype.query = plain;
    },
  };
}

function effortOf(sql: string, plan: PlanNode): Effort {
  const [busiest] = nodesOf(plan)
    .map((node) => ({ node, looked: lookedAt(node) }))
    .sort((a, b) => b.looked - a.looked);
  const { node = plan, looked = 0 } = busiest ?? {};
  return { sql, most: looked, node: `${node['Node Type']} ${node['Relation Name'] ?? ''}`.trim(), plan };
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function lookedAt(node: PlanNode): number {
  const rows =
    node['Actual Rows'] +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0);
  return rows * node['Actual Loops'];
}
