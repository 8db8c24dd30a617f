import type { PoolClient } from 'pg';
import { type CitusState, citusState } from '../../database/extensions/citus.ts';
import { mergePartialSql } from '../fold/fold-sql.ts';
import { refuseIncompleteFolds } from '../fold/incomplete.ts';
import { addPlatformRows } from '../fold/platform-rows.ts';
import { recordFreshness } from '../fold/record-freshness.ts';
import { closeFold, isConsumed, openFold } from '../folds.ts';
import { bucketEnd, bucketStart, finerThan, finestGrain, type Grain, grainNamed } from '../grains.ts';
import { beginSnapshot } from '../snapshot.ts';
import { batchesStoredUpTo } from '../stored-up-to.ts';

const day = grainNamed('day');
const week = grainNamed('week');
const grainsToDay = [...finerThan(day).reverse(), day];

interface RemakeOptions {
  /** Whole UTC days. */
  from: Date;
  to: Date;
  /** Only rollups of this type; of all types unless given. */
  type?: string;
  /** The finest grain that still has the numbers of these days. */
  base: Grain;
  /** Writes the rows of the base grain under a fold, without those of all orgs together. */
  writeBase(foldId: number): Promise<void>;
}

/**
 * Replaces the rollups of whole days at every grain. The caller writes the rows of the base grain, and coarser rows are
 * added up from these. It runs in the caller's transaction, which must block other roll-ups (`blockRollUps`) before it
 * reads the numbers that it writes.
 */
export async function remake(
  client: PoolClient,
  { from, to, type, base, writeBase }: RemakeOptions,
): Promise<void> {
  const only = type === undefined ? 'true' : `r.type = '${type}'`;
  let finer = base;
  let finerFold = await openFold(client, base);
  const first = finerFold;
  await writeBase(first);
  await addPlatformRows(client, base, first);
  for (const grain of grainsToDay) {
    await client.query(
      `delete from analytics.rollups r
       where r.grain = '${grain.name}' and r.bucket_start >= $1 and r.bucket_start < $2 and r.fold_id <> $3 and ${only}`,
      [from, to, first],
    );
  }
  await forgetCounts(client, from, to);
  // Folds whose freshness was not recorded yet may have lost their rows, so it is recorded from the new fold.
  if (base !== finestGrain) await recordFreshness(client, base, first, [first]);
  await closeFold(client, first, base, { consumed: true });
  for (const grain of grainsToDay.slice(grainsToDay.indexOf(base) + 1)) {
    const foldId = await openFold(client, grain);
    await client.query(
      `with partial as (
         select * from analytics.rollups where grain = '${finer.name}' and fold_id = $2
       ), ${mergePartialSql(grain)}`,
      [foldId, finerFold],
    );
    if (finer === finestGrain) await recordFreshness(client, grain, foldId, [finerFold]);
    await closeFold(client, foldId, grain, { consumed: true });
    [finer, finerFold] = [grain, foldId];
  }
  await remergeWeeks(client, from, to, only);
}

/** Waiting folds have lost rows here, and must not count as incomplete. */
async function forgetCounts(client: PoolClient, from: Date, to: Date): Promise<void> {
  await client.query(
    `update analytics.folds set rows = null
     where consumed_at is null and rows is not null and bucket_from < $2 and bucket_to > $1`,
    [from, to],
  );
}

/**
 * Until the transaction ends, no fold can be opened or taken in.
 * @throws {CodedError} `unavailable` on Citus, when rows of a fold cannot be found
 */
export async function blockRollUps(client: PoolClient): Promise<void> {
  await client.query('lock table analytics.folds in exclusive mode');
  // Rows that appear later would count beside those that are written again.
  if ((await citusState(client)) === 'distributed') await refuseIncompleteFolds(client, grainsToDay);
}

/**
 * Lets a transaction that only reads see rollups and raw events as they are at one moment. PostgreSQL has a snapshot for
 * that. On Citus nothing is rolled up or removed until the transaction ends.
 * @param state read before, since a transaction chooses its snapshot before its first query
 * @returns the same as `batchesStoredUpTo`
 */
export async function readAllAsOne(client: PoolClient, state: CitusState): Promise<number | undefined> {
  if (state !== 'distributed') {
    await beginSnapshot(client, 'read only');
    return undefined;
  }
  await blockRollUps(client);
  const upTo = await batchesStoredUpTo(client);
  await blockRemovals(client);
  return upTo;
}

/**
 * Until the transaction ends, nothing that it reads can be removed. Call it after `blockRollUps`. It locks in the same
 * order as retention, and `removals` shows all earlier removals from then on.
 * @param mode `row exclusive` for a transaction that changes raw events
 */
export async function blockRemovals(
  client: PoolClient,
  mode: 'access share' | 'row exclusive' = 'access share',
): Promise<void> {
  await client.query(`lock table analytics.events in ${mode} mode`);
  await client.query('lock table analytics.removals in share mode');
}

/** Adds up weeks from days, since weeks reach beyond the range, where raw events may have been removed. */
async function remergeWeeks(client: PoolClient, from: Date, to: Date, only: string): Promise<void> {
  const firstWeek = new Date(bucketStart(week, from.getTime()));
  const end = new Date(bucketEnd(week, to.getTime()));
  await client.query(
    `delete from analytics.rollups r
     where r.grain = '${week.name}' and r.bucket_start >= $1 and r.bucket_start < $2 and ${only}`,
    [firstWeek, end],
  );
  const foldId = await openFold(client, week);
  await client.query(
    `with partial as (
       select r.* from analytics.rollups r
       where r.grain = '${day.name}' and r.bucket_start >= $2 and r.bucket_start < $3 and ${only}
         and ${isConsumed('r.fold_id')}
     ), ${mergePartialSql(week)}`,
    [foldId, firstWeek, end],
  );
  await closeFold(client, foldId, week);
}
