import type { PoolClient } from 'pg';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { mergePartialSql, numberColumns } from '../fold/fold-sql.ts';
import { bucketEnd, coarserOf, finestGrain, type Grain, grains } from '../grains.ts';
import { shortestKept } from '../org-removals.ts';
import { rollupRowsSql } from '../rows/rollup-rows.ts';

interface CopiedDays {
  from: Date;
  to: Date;
  /** Only rollups of this type; of all types unless given. */
  type?: string;
}

/**
 * Copies the rollups of orgs whose raw events of these days were removed before those of other orgs. They become rows of
 * the finest grain under a fold, and coarser grains are added up from all rows of the fold. Each stretch of time is
 * copied from the finest grain that is kept of it. Finer rows of it are past their time, and no query reads them.
 */
export async function copyRemoved(
  client: PoolClient,
  foldId: number,
  { from, to, type }: CopiedDays,
): Promise<void> {
  const shortest = await shortestKept(client);
  if (!shortest || shortest.from <= from) return;
  for (const stretch of await stretches(client, from.getTime(), to.getTime())) {
    await client.query(
      `with partial as (
         select r.* from (${rollupRowsSql(
           [{ grain: stretch.grain, condition: 'r.bucket_start >= $2 and r.bucket_start < $3' }],
           ['org_id', 'type', 'series_id', 'bucket_start', 'fold_id', ...numberColumns],
           `r.org_id <> '${ALL_ORGS}' and ($4::text is null or r.type = $4)`,
         )}) as r
         join analytics.org_retention k on k.org_id = r.org_id and r.bucket_start < k.removed_before
         where r.fold_id <> $1
       ), ${mergePartialSql(finestGrain)}`,
      [foldId, new Date(stretch.from), new Date(stretch.to), type ?? null],
    );
  }
}

interface Stretch {
  grain: Grain;
  from: number;
  to: number;
}

/** The range in parts, the latest first, each with the finest grain that is kept of all of it. */
async function stretches(client: PoolClient, from: number, to: number): Promise<Stretch[]> {
  const { rows } = await client.query<{ what: string; removed_before: Date }>(
    'select what, removed_before from analytics.removals',
  );
  const removedBefore = new Map(rows.map(({ what, removed_before }) => [what, removed_before.getTime()]));
  const found: Stretch[] = [];
  let end = to;
  for (const grain of grains) {
    const removed = removedBefore.get(grain.name) ?? Number.NEGATIVE_INFINITY;
    const since = removed <= from ? from : bucketEnd(coarserOf(grain) ?? grain, removed);
    if (since >= end) continue;
    found.push({ grain, from: since, to: end });
    end = since;
    if (end <= from) break;
  }
  return found;
}
