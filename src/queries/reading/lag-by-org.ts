import type { Queryable } from '../../database/pool.ts';
import { type Clock, SECOND } from '../../time.ts';

const KEPT_FOR = 5 * SECOND;

/**
 * How far the numbers of each org are behind, in seconds; an org that nothing waits for is not there. Asked at most once
 * in five seconds, however many scrape.
 */
export function createLagByOrg(
  database: Queryable,
  clock: Clock,
): () => Promise<ReadonlyMap<string, number>> {
  let kept: { at: number; lags: Promise<ReadonlyMap<string, number>> } | undefined;
  return () => {
    if (kept === undefined || clock.now() - kept.at > KEPT_FOR)
      kept = { at: clock.now(), lags: readLags(database) };
    return kept.lags;
  };
}

async function readLags(database: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query<{ org_id: string; lag: number }>(
    `select org_id, extract(epoch from statement_timestamp() - min(completed_at))::float8 as lag
     from analytics.ingestion_batches, unnest(org_ids) as org_id
     where rolled_up_at is null group by 1`,
  );
  return new Map(rows.map(({ org_id, lag }) => [org_id, Math.max(0, lag)]));
}
