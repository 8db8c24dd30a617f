import type { Database } from '../../database/pool.ts';

/** Remembers what is gone for good, so that nobody takes its absence for a zero. */
export async function noteRemoval(database: Database, what: string, before: Date): Promise<void> {
  await database.query(
    `insert into analytics.removals as r (what, removed_before) values ($1, $2)
     on conflict (what) do update set removed_before = greatest(r.removed_before, excluded.removed_before)`,
    [what, before],
  );
}
