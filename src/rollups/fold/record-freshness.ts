import type { PoolClient } from 'pg';
import type { Grain } from '../grains.ts';

/**
 * Records when each model was last seen, from a fold and the finest folds that it has just taken in. Readers add the
 * folds that still wait. To record at every finest fold took a fifth of the time of the whole roll-up.
 */
export async function recordFreshness(
  client: PoolClient,
  grain: Grain,
  foldId: number,
  takenIn: readonly number[],
): Promise<void> {
  await client.query(
    `insert into analytics.freshness_status as f (org_id, type, model_id, last_event_at, last_rollup_at)
     select r.org_id, r.type, coalesce(s.model_id, ''), max(r.last_event_at),
       (select max(created_at) from analytics.folds where fold_id = any($3::bigint[]))
     from analytics.rollups r
     join analytics.series s on s.org_id = r.org_id and s.series_id = r.series_id
     where r.grain = $2 and r.fold_id = $1
     group by 1, 2, 3
     order by 1, 2, 3
     on conflict (org_id, type, model_id) do update set
       last_event_at = greatest(f.last_event_at, excluded.last_event_at),
       last_rollup_at = greatest(f.last_rollup_at, excluded.last_rollup_at)`,
    [foldId, grain.name, takenIn],
  );
}
