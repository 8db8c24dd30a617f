import type { Pool } from 'pg';

/** The suffix that Citus adds to the name of a table for a shard of it. */
const SHARD = /_1\d{5}$/;

/** A pool that explains every query before it runs, and keeps the tables in its plan, on Citus too. */
export function explainedPool(pool: Pool): { pool: Pool; queries: string[]; tables: Set<string> } {
  const tables = new Set<string>();
  const queries: string[] = [];
  // Citus nests the plan of a node deep within its own.
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    if ('Relation Name' in part) tables.add(String(part['Relation Name']).replace(SHARD, ''));
    Object.values(part).forEach(visit);
  };
  const query = async (sql: string, values?: unknown[]) => {
    queries.push(sql);
    const { rows } = await pool.query(`explain (format json) ${sql}`, values);
    visit(rows);
    return pool.query(sql, values);
  };
  return { pool: { query } as unknown as Pool, queries, tables };
}
