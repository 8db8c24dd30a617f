import type { PoolClient } from 'pg';
import { coarserOf, type Grain } from './grains.ts';

/**
 * A condition: the next grain has taken in the fold of a row. The waiting folds are few, and are listed once. As a join,
 * the planner can take the folds for one row, since it has no statistics of the newest, and then runs for minutes.
 */
export function isConsumed(foldId: string): string {
  return `${foldId} <> all (array(select fold_id from analytics.folds where consumed_at is null))`;
}

/**
 * The folds of a grain that the next grain has not taken in yet, to be joined with the rows of the grain. It is a
 * subquery, since Citus does not join a distributed table with one that is not.
 */
export function waitingFoldsSql(grain: Grain): string {
  return `select fold_id, created_at from analytics.folds where grain = '${grain.name}' and consumed_at is null`;
}

/** Opens a fold. All rows written under its number become visible together, and the next grain takes them together. */
export async function openFold(client: PoolClient, grain: Grain): Promise<number> {
  // No grain takes in the coarsest one, so its folds count as consumed from the start.
  const consumed = coarserOf(grain) === undefined;
  const result = await client.query<{ fold_id: number }>(
    `insert into analytics.folds (grain, consumed_at) values ($1, case when $2 then now() end) returning fold_id`,
    [grain.name, consumed],
  );
  return Number(result.rows[0]?.fold_id);
}

/** Records the number of rows of a fold and the time that they cover. An empty fold counts as consumed. */
export async function closeFold(
  client: PoolClient,
  foldId: number,
  grain: Grain,
  { compacted = false, consumed = false } = {},
): Promise<void> {
  // Counted apart from the update, which then touches no distributed table, even if the rollups are distributed.
  const { rows } = await client.query<{ rows: number; first: Date | null; last: Date | null }>(
    `select count(*) as rows, min(bucket_start) as first, max(bucket_start) as last
     from analytics.rollups where grain = $1 and fold_id = $2`,
    [grain.name, foldId],
  );
  const [written] = rows;
  const empty = (written?.rows ?? 0) === 0;
  await client.query(
    `update analytics.folds
     set rows = $2, bucket_from = $3, bucket_to = $4::timestamptz + $5 * interval '1 ms', compacted = $6,
       consumed_at = coalesce(consumed_at, case when $7 then now() end)
     where fold_id = $1`,
    [
      foldId,
      written?.rows ?? 0,
      written?.first,
      written?.last,
      grain.width,
      compacted || empty,
      consumed || empty,
    ],
  );
}
