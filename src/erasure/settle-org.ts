import type { Pool } from 'pg';
import { CodedError } from '../errors.ts';
import { promoteAll, rollUp } from '../rollups/fold/roll-up.ts';
import { coarsestGrain } from '../rollups/grains.ts';
import { SECOND, sleep } from '../time.ts';

const PATIENCE = 60 * SECOND;
const PAUSE = SECOND / 4;

/** Whether a batch of the org waits for its roll-up, or a fold with its rows for the next grain. */
const WAITS = `
  select exists (select 1 from analytics.ingestion_batches where rolled_up_at is null and $1 = any(org_ids))
    or exists (
      select 1 from analytics.rollups r
      where r.org_id = $1 and r.fold_id = any(array(select fold_id from analytics.folds where consumed_at is null))
    ) as waits`;

/**
 * Rolls up everything of an org that takes in no events any more, up to the coarsest grain. Workers may do the same.
 *
 * @throws {CodedError} `unavailable` when it is not done within a minute
 */
export async function settleOrg(pool: Pool, orgId: string): Promise<void> {
  for (const end = performance.now() + PATIENCE; ; await sleep(PAUSE)) {
    while ((await rollUp(pool)) > 0);
    await promoteAll(pool, coarsestGrain);
    const { rows } = await pool.query<{ waits: boolean }>(WAITS, [orgId]);
    if (!rows[0]?.waits) return;
    if (performance.now() > end)
      throw new CodedError(
        'unavailable',
        `events of ${orgId} still wait for their roll-up; see tidemark_rollup_incomplete, and run the command again`,
      );
  }
}
