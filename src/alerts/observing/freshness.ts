import type { Database } from '../../database/pool.ts';
import { SECOND } from '../../time.ts';
import { momentaryObservation } from '../decision/observation.ts';
import { keyOfGroup } from '../rules/group.ts';
import { type Evaluation, type Observations, observationsOf } from './evaluation.ts';

/**
 * When the oldest event that is not yet in the numbers was stored; null: no event waits.
 * @param orgId null: all orgs
 */
export async function oldestWaiting(database: Database, orgId: string | null): Promise<number | null> {
  const { rows } = await database.query<{ since: Date | null }>(
    `select min(completed_at) as since from analytics.ingestion_batches
     where rolled_up_at is null and ($1::text is null or $1 = any(org_ids))`,
    [orgId],
  );
  return rows[0]?.since?.getTime() ?? null;
}

/** How far the numbers are behind, in seconds: a gauge of this moment, without a window. */
export function observeFreshness({ now, asOf }: Evaluation): Observations {
  const value = Math.max(0, (now - asOf) / SECOND);
  return observationsOf(new Map([[keyOfGroup({}), { group: {}, observation: momentaryObservation(value) }]]));
}
