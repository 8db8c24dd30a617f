import type { Queryable } from '../../database/pool.ts';
import type { RecentEntry } from './entry.ts';

/** The rows that are kept of an org. Each has what one process took in within a few seconds. */
export const ROWS_OF_ORG = 60;

/** Adds the entries, one row each. Those of deleted orgs are left out. */
export async function addEntries(
  database: Queryable,
  entries: ReadonlyMap<string, RecentEntry>,
): Promise<void> {
  const json = JSON.stringify([...entries].map(([org_id, entry]) => ({ org_id, entry })));
  await database.query(
    `insert into analytics.recent_ingestion (org_id, noted_at, entry)
     select n.org_id, now(), n.entry
     from jsonb_to_recordset($1::jsonb) as n (org_id text, entry jsonb)
     where not exists (select 1 from analytics.org_deletions d where d.org_id = n.org_id)`,
    [json],
  );
}

/** Deletes all but the latest rows of these orgs. */
export async function trimEntries(database: Queryable, orgIds: readonly string[]): Promise<void> {
  await database.query(
    `delete from analytics.recent_ingestion r
     using unnest($1::text[]) as o (org_id)
     where r.org_id = o.org_id and r.entry_id <= (
       select k.entry_id from analytics.recent_ingestion k
       where k.org_id = o.org_id order by k.entry_id desc offset $2 limit 1)`,
    [orgIds, ROWS_OF_ORG],
  );
}

/** The latest entries of an org, the newest first. */
export async function readEntries(database: Queryable, orgId: string): Promise<RecentEntry[]> {
  const { rows } = await database.query<{ entry: RecentEntry }>(
    `select entry from analytics.recent_ingestion where org_id = $1 order by entry_id desc limit ${ROWS_OF_ORG}`,
    [orgId],
  );
  return rows.map(({ entry }) => entry);
}
