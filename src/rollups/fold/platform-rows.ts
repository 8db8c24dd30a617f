import type { PoolClient } from 'pg';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { Grain } from '../grains.ts';
import { isGauge, mergePartialSql, numberColumns } from './fold-sql.ts';

/**
 * Adds the sums over all orgs to a fold, as rows of the org `*`: one row for each type, bucket and platform series. From
 * there on `*` is an org like any other. It must be called once for a fold that is not made of finer folds, after all
 * its rows are written.
 *
 * A gauge has no such rows, since the last values of different orgs do not add up to anything.
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
