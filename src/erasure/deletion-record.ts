import type { Database } from '../database/pool.ts';

/** Adds to the rows that the deletion of an org has deleted of a table. */
export async function noteErased(
  database: Database,
  orgId: string,
  table: string,
  rows: number,
): Promise<void> {
  if (rows === 0) return;
  await database.query(
    `update analytics.org_deletions
     set removed = removed || jsonb_build_object($2::text, coalesce((removed ->> $2)::bigint, 0) + $3)
     where org_id = $1`,
    [orgId, table, rows],
  );
}
