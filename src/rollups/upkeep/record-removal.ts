import type { Database } from '../../database/pool.ts';

/** Records that data was removed, so that queries do not take its absence for a zero. */
export async function recordRemoval(database: Database, what: string, before: Date): Promise<void> {
  await database.query(
    `insert into analytics.removals as r (what, removed_before) values ($1, $2)
     on conflict (what) do update set removed_before = greatest(r.removed_before, excluded.removed_before)`,
    [what, before],
  );
}
