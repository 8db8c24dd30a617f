import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { foldEventsSql } from '../fold/fold-sql.ts';
import { bucketEnd, bucketStart, finestGrain, grainNamed } from '../grains.ts';
import { isOfKeptDay, shortestKept } from '../org-removals.ts';
import { isFolded } from '../rows/selected-events.ts';
import { batchesStoredUpTo } from '../stored-up-to.ts';
import { copyRemoved } from './copy-removed.ts';
import { rebuildShop } from './rebuild-shop.ts';
import { blockRemovals, blockRollUps, remake } from './remake.ts';

const day = grainNamed('day');

export interface Rebuilt {
  /** The rebuilt range: the requested one, widened to whole UTC days. */
  from: Date;
  to: Date;
}

/**
 * Makes the rollups of a range again from raw events, in one transaction that blocks other roll-ups. Batches that wait for
 * their roll-up keep waiting.
 * @throws {CodedError} `range_not_kept` when raw events of the range have been removed
 */
export function rebuild(pool: Pool, range: { from: Date; to: Date }): Promise<Rebuilt> {
  return withTransaction(pool, async (client) => {
    const from = new Date(bucketStart(day, range.from.getTime()));
    const to = new Date(bucketEnd(day, range.to.getTime()));
    if (from >= to) throw new CodedError('invalid_request', 'the range is empty: --from must be before --to');
    await blockRollUps(client);
    const upTo = await batchesStoredUpTo(client);
    await blockRemovals(client);
    await refuseIfRemoved(client, from);
    await remakeFromRaw(client, { from, to, upTo });
    await rebuildShop(client, { from, to }, upTo);
    return { from, to };
  });
}

async function refuseIfRemoved(client: PoolClient, from: Date): Promise<void> {
  const removed = await client.query<{ removed_before: Date }>(
    `select removed_before from analytics.removals where what = 'events' and removed_before > $1`,
    [from],
  );
  const before = removed.rows[0]?.removed_before;
  if (before) {
    const detail = `raw events before ${before.toISOString()} have been removed; begin there or later`;
    throw new CodedError('range_not_kept', detail);
  }
  const shortest = await shortestKept(client);
  if (!shortest || shortest.from <= from) return;
  const detail = `raw events of the org ${shortest.orgId} before ${shortest.from.toISOString()} have been removed, since it keeps fewer days; begin there or later`;
  throw new CodedError('range_not_kept', detail);
}

/**
 * Makes the rollups of whole days again from the raw events that have been rolled up; see `remake`. An org whose raw events
 * were removed before those of others keeps its numbers.
 * @param range `upTo` is as `batchesStoredUpTo` returns it
 */
export function remakeFromRaw(
  client: PoolClient,
  { from, to, type, upTo }: { from: Date; to: Date; type?: string; upTo: number | undefined },
): Promise<void> {
  return remake(client, {
    from,
    to,
    ...(type !== undefined && { type }),
    base: finestGrain,
    writeBase: async (foldId) => {
      await client.query(
        foldEventsSql(
          finestGrain,
          `occurred_at >= $2 and occurred_at < $3 ${type === undefined ? '' : `and type = '${type}'`}
             and ${isFolded(upTo)} and ${isOfKeptDay('events')}`,
        ),
        [foldId, from, to],
      );
      await copyRemoved(client, foldId, { from, to, ...(type !== undefined && { type }) });
    },
  });
}
