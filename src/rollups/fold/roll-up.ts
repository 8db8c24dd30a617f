import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { announceCommit, closeFold, type FoldCounts, openFold } from '../folds.ts';
import { finerThan, finestGrain, type Grain } from '../grains.ts';
import { asOneFold, type ClaimedBatches, claimBatches, eventsOf } from './claim-batches.ts';
import { foldCustomers } from './customers.ts';
import { foldEventsSql, mergePartialSql } from './fold-sql.ts';
import { gatherStatistics } from './gather-statistics.ts';
import {
  checkBatches,
  checkFolds,
  IncompleteFoldError,
  type IncompleteWork,
  type OnIncomplete,
} from './incomplete.ts';
import { addPlatformRows } from './platform-rows.ts';
import { recordFreshness } from './record-freshness.ts';
import { concernsShop, foldShop } from './shop.ts';

/** Folds that a coarser grain takes in with one transaction. */
const FOLDS_AT_ONCE = 64;

const FOLD_BATCHES = foldEventsSql(
  finestGrain,
  'batch_id = any($2::bigint[]) and occurred_at >= $3 and occurred_at <= $4',
);

/**
 * Folds waiting batches into the finest rollups and marks them, in one transaction. Several workers may do so at the
 * same time: each claims batches that no other has. A fold that does not count as many rows as its batches stored is
 * rolled back. Then each batch is counted, the incomplete ones are put off, and the others are folded.
 * @param onRolledUp called after the commit with the orgs whose numbers have changed
 * @returns the number of batches folded; 0 when none was waiting
 */
export async function rollUp(
  pool: Pool,
  onRolledUp: (orgIds: readonly string[]) => Promise<void> = async () => {},
  onIncomplete: OnIncomplete = () => {},
): Promise<number> {
  let folded = await withTransaction(pool, (client) => foldWaiting(client)).catch((error) => {
    if (error instanceof IncompleteFoldError) return 'incomplete' as const;
    throw error;
  });
  while (folded === 'incomplete') {
    let putOff: IncompleteWork[] = [];
    folded = await withTransaction(pool, (client) => foldWaiting(client, (found) => (putOff = found)));
    if (folded || putOff.length > 0) onIncomplete(finestGrain, putOff);
  }
  if (!folded) return 0;
  await onRolledUp([...folded.orgIds, ALL_ORGS]);
  return folded.ids.length;
}

/**
 * @param onPutOff called with the batches that are not folded; if it is given, each batch is counted first
 * @returns `undefined` when no batch was waiting; `incomplete` when all that were claimed are put off
 */
async function foldWaiting(
  client: PoolClient,
  onPutOff?: (incomplete: IncompleteWork[]) => void,
): Promise<ClaimedBatches | 'incomplete' | undefined> {
  let batches = await claimBatches(client);
  if (batches.length === 0) return undefined;
  if (onPutOff || batches.some(({ rows }) => rows === null)) {
    const { complete, putOff } = await checkBatches(client, batches);
    if (putOff.length > 0 && !onPutOff) throw new IncompleteFoldError('a batch is incomplete');
    onPutOff?.(putOff);
    if (complete.length === 0) return 'incomplete';
    batches = complete;
  }
  const claimed = asOneFold(batches);
  const foldId = await openFold(client, finestGrain);
  await client.query(FOLD_BATCHES, [foldId, claimed.ids, claimed.from, claimed.to]);
  if (concernsShop(claimed.types)) await foldShop(client, foldId, { events: eventsOf(claimed) });
  await addPlatformRows(client, finestGrain, foldId);
  refuseIncomplete(await closeFold(client, foldId, finestGrain), claimed);
  await client.query(
    `update analytics.ingestion_batches set rolled_up_at = clock_timestamp() where batch_id = any($1::bigint[])`,
    [claimed.ids],
  );
  if (concernsShop(claimed.types)) await foldCustomers(client, eventsOf(claimed));
  await gatherStatistics(client, finestGrain);
  await announceCommit(client);
  return claimed;
}

function refuseIncomplete({ events, ofOrgs, together }: FoldCounts, { ids, rows }: ClaimedBatches): void {
  if (events === rows && ofOrgs === together) return;
  throw new IncompleteFoldError(
    `a fold of ${ids.length} batches counted ${events} of ${rows} rows, and ${together} of ${ofOrgs} for all orgs together`,
  );
}

/**
 * Takes the waiting folds of the next finer grain into this grain, in one transaction. It puts off folds whose rows are
 * not all there.
 * @returns the number of folds taken in; 0 when fewer than `atLeast` were waiting
 */
export async function promote(
  pool: Pool,
  grain: Grain,
  atLeast = 1,
  onIncomplete: OnIncomplete = () => {},
): Promise<number> {
  const [finer] = finerThan(grain);
  if (!finer) return 0;
  const { taken, putOff } = await withTransaction(pool, async (client) => {
    const claimed = await client.query<{ id: number; rows: number | null }>(
      `select fold_id as id, rows from analytics.folds
       where grain = $1 and consumed_at is null and (retry_at is null or retry_at <= clock_timestamp())
       order by fold_id limit $2 for update skip locked`,
      [finer.name, FOLDS_AT_ONCE],
    );
    if (claimed.rows.length < atLeast) return { taken: 0, putOff: [] };
    const { complete, putOff } = await checkFolds(client, finer, claimed.rows);
    if (complete.length < Math.max(1, atLeast)) return { taken: 0, putOff };
    const ids = complete.map(({ id }) => id);
    const foldId = await openFold(client, grain);
    await client.query(
      `with partial as (
         select * from analytics.rollups where grain = '${finer.name}' and fold_id = any($2::bigint[])
       ), ${mergePartialSql(grain)}`,
      [foldId, ids],
    );
    await closeFold(client, foldId, grain);
    if (finer === finestGrain) await recordFreshness(client, grain, foldId, ids);
    await client.query(`update analytics.folds set consumed_at = now() where fold_id = any($1::bigint[])`, [
      ids,
    ]);
    await gatherStatistics(client, grain);
    await announceCommit(client);
    return { taken: ids.length, putOff };
  });
  if (putOff.length > 0) onIncomplete(grain, putOff);
  return taken;
}

/** Takes all that waits into a grain, through all finer grains. */
export async function promoteAll(pool: Pool, upTo: Grain): Promise<void> {
  for (const grain of [...finerThan(upTo).reverse(), upTo]) {
    while ((await promote(pool, grain)) > 0);
  }
}
