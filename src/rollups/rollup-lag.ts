import type { Queryable } from '../database/pool.ts';

/** Seconds since the oldest batch that waits for its roll-up was stored; 0 when none waits. */
export async function rollupLag(database: Queryable): Promise<number> {
  const result = await database.query<{ lag: number }>(
    `select coalesce(extract(epoch from clock_timestamp() - min(completed_at)), 0)::float8 as lag
     from analytics.ingestion_batches where rolled_up_at is null`,
  );
  return result.rows[0]?.lag ?? 0;
}

/** The waiting batches and folds that were found without some of their rows. */
export async function countIncomplete(database: Queryable): Promise<{ batches: number; folds: number }> {
  const result = await database.query<{ batches: number; folds: number }>(
    `select count(retry_at) as batches,
       (select count(retry_at) from analytics.folds where consumed_at is null) as folds
     from analytics.ingestion_batches where rolled_up_at is null`,
  );
  return result.rows[0] ?? { batches: 0, folds: 0 };
}
