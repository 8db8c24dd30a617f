import type { PoolClient } from 'pg';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { Grain } from '../grains.ts';
import { isGauge, mergePartialSql, numberColumns } from './fold-sql.ts';

/**
 * Adds to a fold what its rows of all orgs come to together, as rows of the org `*`: those of one type, bucket and
 * platform series in one row. From there on `*` is an org like any other. Whoever writes rows of a fold that no
 * finer fold accounts for calls this once they are all there.
 *
 * A gauge has no such rows: what stands last in one org says nothing of the others.
 */
export async function addPlatformRows(client: PoolClient, grain: Grain, foldId: number): Promise<void> {
  await client.query(
    `with folded as (
       select * from analytics.rollups
       where grain = '${grain.name}' and fold_id = $1 and org_id <> '${ALL_ORGS}' and not (${isGauge})
     ),
     partial as (
       select '${ALL_ORGS}' as org_id, f.type, s.platform_series_id as series_id, f.bucket_start,
         ${numberColumns.map((column) => `f.${column}`).join(', ')}
       from folded f join analytics.series s on s.org_id = f.org_id and s.series_id = f.series_id
     ), ${mergePartialSql(grain)}`,
    [foldId],
  );
}
