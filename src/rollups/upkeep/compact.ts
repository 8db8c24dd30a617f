import type { Pool } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { mergePartialSql } from '../fold/fold-sql.ts';
import { closeFold, isConsumed, openFold } from '../folds.ts';
import type { Grain } from '../grains.ts';
import { foldsWrittenUpTo } from '../stored-up-to.ts';

/** Folds of one transaction. */
const FOLDS_AT_ONCE = 200;

/**
 * Merges the partial rows of closed buckets into one row for each series and bucket, if the next grain has taken them in.
 * It touches only rows that share their series and bucket with another row. So a late event in an old bucket costs one
 * merge and not a rewrite of the bucket.
 * @returns the number of folds that were searched; 0 when there was nothing to do
 */
export function compact(pool: Pool, grain: Grain): Promise<number> {
  return withTransaction(pool, async (client) => {
    const upTo = await foldsWrittenUpTo(client);
    const claimed = await client.query<{ fold_id: number }>(
      `select fold_id from analytics.folds
       where grain = $1 and consumed_at is not null and not compacted and bucket_to <= now()
       order by fold_id limit $2 for update skip locked`,
      [grain.name, FOLDS_AT_ONCE],
    );
    const ids = claimed.rows.map((row) => row.fold_id);
    if (ids.length === 0) return 0;
    const foldId = await openFold(client, grain);
    await client.query(
      `with touched as (
         select distinct org_id, type, series_id, bucket_start
         from analytics.rollups where grain = '${grain.name}' and fold_id = any($2::bigint[])
       ),
       mergeable as (
         select r.org_id, r.type, r.series_id, r.bucket_start, array_agg(r.fold_id) as fold_ids
         from touched join analytics.rollups r using (org_id, type, series_id, bucket_start)
         where r.grain = '${grain.name}' and ${isConsumed('r.fold_id', upTo)}
         group by r.org_id, r.type, r.series_id, r.bucket_start
         having count(*) > 1
       ),
       partial as (
         delete from analytics.rollups r using mergeable m
         where r.grain = '${grain.name}' and r.org_id = m.org_id and r.type = m.type
           and r.series_id = m.series_id and r.bucket_start = m.bucket_start and r.fold_id = any(m.fold_ids)
         returning r.*
       ), ${mergePartialSql(grain)}`,
      [foldId, ids],
    );
    await closeFold(client, foldId, grain, { compacted: true, consumed: true });
    await client.query(`update analytics.folds set compacted = true where fold_id = any($1::bigint[])`, [
      ids,
    ]);
    return ids.length;
  });
}
