import type { Pool } from 'pg';
import { tablePlacement } from '../database/extensions/table-placement.ts';
import { conditionOf, type Disposition } from './dispositions.ts';

/** Rows of one transaction. */
const ROWS_AT_ONCE = 20_000;

interface TableErasure {
  table: string;
  disposition: Disposition;
  orgId: string;
  /** Whether Citus distributes the tables. There a row has no address that holds over nodes, so all go at once. */
  distributed: boolean;
}

/** Deletes or strips the rows of an org in one table, in short transactions. @returns the number of rows */
export async function eraseRows(
  pool: Pool,
  { table, disposition, orgId, distributed }: TableErasure,
): Promise<number> {
  const condition = conditionOf(disposition);
  if (condition === undefined || typeof disposition === 'string') return 0;
  const change =
    'strip' in disposition
      ? `update analytics.${table} set ${disposition.strip} = array_remove(${disposition.strip}, $1)`
      : `delete from analytics.${table}`;
  if (distributed && tablePlacement[table] === 'org')
    return (await pool.query(`${change} where ${condition}`, [orgId])).rowCount ?? 0;
  const statement = `${change} where ctid = any(array(
    select ctid from analytics.${table} where ${condition} limit ${ROWS_AT_ONCE}))`;
  for (let removed = 0; ; ) {
    const { rowCount } = await pool.query(statement, [orgId]);
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < ROWS_AT_ONCE) return removed;
  }
}
