import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { closeFold, openFold } from '../folds.ts';
import { finerThan, finestGrain, type Grain } from '../grains.ts';
import type { SelectedEvents } from '../rows/selected-events.ts';
import { foldCustomers } from './customers.ts';
import { foldEventsSql, mergePartialSql } from './fold-sql.ts';
import { addPlatformRows } from './platform-rows.ts';
import { recordFreshness } from './record-freshness.ts';
import { concernsShop, foldShop } from './shop.ts';

/** Batches of one transaction: with 5,000 events each, about a second of work on one core. */
const BATCHES_AT_ONCE = 40;
/** Folds that a coarser grain takes in with one transaction. */
const FOLDS_AT_ONCE = 64;

const FOLD_BATCHES = foldEventsSql(
  finestGrain,
  'batch_id = any($2::bigint[]) and occurred_at >= $3 and occurred_at <= $4',
);

interface ClaimedBatches {
  ids: string[];
  orgIds: string[];
  types: string[];
  from: Date;
  to: Date;
}

/**
 * Folds waiting batches into the finest rollups and marks them, in one transaction. Several workers may do so at the
 * same time: each claims batches that no other has.
 * @param onRolledUp called after the commit with the orgs whose numbers have changed
 * @returns the number of batches folded; 0 when none was waiting
 */
export async function rollUp(
  pool: Pool,
  onRolledUp: (orgIds: readonly string[]) => Promise<void> = async () => {},
): Promise<number> {
  const folded = await withTransaction(pool, foldWaiting);
  if (!folded) return 0;
  await onRolledUp([...folded.orgIds, ALL_ORGS]);
  return folded.ids.length;
}

async function foldWaiting(client: PoolClient): Promise<ClaimedBatches | undefined> {
  const claimed = await claimBatches(client);
  if (!claimed) return undefined;
  const foldId = await openFold(client, finestGrain);
  await client.query(FOLD_BATCHES, [foldId, claimed.ids, claimed.from, claimed.to]);
  if (concernsShop(claimed.types)) await foldShop(client, foldId, { events: eventsOf(claimed) });
  await addPlatformRows(client, finestGrain, foldId);
  await closeFold(client, foldId, finestGrain);
  await client.query(
    `update analytics.ingestion_batches set rolled_up_at = clock_timestamp() where batch_id = any($1::bigint[])`,
    [claimed.ids],
  );
  if (concernsShop(claimed.types)) await foldCustomers(client, eventsOf(claimed));
  return claimed;
}

function eventsOf({ ids, from, to }: ClaimedBatches): SelectedEvents {
  return {
    condition: 'batch_id = any($1::bigint[]) and occurred_at >= $2 and occurred_at <= $3',
    values: [ids, from, to],
  };
}

async function claimBatches(client: PoolClient): Promise<ClaimedBatches | undefined> {
  const { rows } = await client.query<{
    id: string;
    org_ids: string[];
    types: string[];
    first: Date;
    last: Date;
  }>(
    // Dates come back in milliseconds: the last is rounded up, so that its event is in.
    `select batch_id::text as id, org_ids, types, occurred_from as first, occurred_to + interval '1 ms' as last
     from analytics.ingestion_batches
     where rolled_up_at is null
     order by completed_at
     limit $1
     for update skip locked`,
    [BATCHES_AT_ONCE],
  );
  if (rows.length === 0) return undefined;
  return {
    ids: rows.map((row) => row.id),
    orgIds: [...new Set(rows.flatMap((row) => row.org_ids))],
    types: [...new Set(rows.flatMap((row) => row.types))],
    from: new Date(Math.min(...rows.map((row) => row.first.getTime()))),
    to: new Date(Math.max(...rows.map((row) => row.last.getTime()))),
  };
}

/**
 * Takes the waiting folds of the next finer grain into this grain, in one transaction.
 * @returns the number of folds taken in; 0 when fewer than `atLeast` were waiting
 */
export function promote(pool: Pool, grain: Grain, atLeast = 1): Promise<number> {
  return withTransaction(pool, async (client) => {
    const [finer] = finerThan(grain);
    if (!finer) return 0;
    const claimed = await client.query<{ fold_id: number }>(
      `select fold_id from analytics.folds
       where grain = $1 and consumed_at is null
       order by fold_id limit $2 for update skip locked`,
      [finer.name, FOLDS_AT_ONCE],
    );
    const ids = claimed.rows.map((row) => row.fold_id);
    if (ids.length < atLeast) return 0;
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
    return ids.length;
  });
}

/** Takes all that waits into a grain, through all finer grains. */
export async function promoteAll(pool: Pool, upTo: Grain): Promise<void> {
  for (const grain of [...finerThan(upTo).reverse(), upTo]) {
    while ((await promote(pool, grain)) > 0);
  }
}
