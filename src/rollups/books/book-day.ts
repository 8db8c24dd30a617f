/**
 * Books the raw events of a day: their totals by org and type, in a table that outlives them. A book has the events of all
 * batches up to a number. What arrives later is added once, since only events of later batches are read, and each booking
 * records how far it got in the same transaction.
 */
import type { Pool, PoolClient } from 'pg';
import { LOCK_SPACE, lockNumbers } from '../../database/advisory-locks.ts';
import { changeTablesInTurn, citusState } from '../../database/extensions/citus.ts';
import { withTransaction } from '../../database/pool.ts';
import { bucketSql, grainNamed } from '../grains.ts';
import { lastStoredBatch } from '../stored-up-to.ts';
import { bookedColumns, measuresSql } from './measures.ts';

/** The time that a partition of raw events covers. It is a UTC day. */
export interface BookableDay {
  from: Date;
  to: Date;
}

const day = grainNamed('day');
/** A booking gives up after this time, and the next run tries again. */
const LOCK_TIMEOUT = '2s';

/** Books what a day has that is rolled up and not booked yet. */
export function bookDay(pool: Pool, bookable: BookableDay): Promise<void> {
  return withTransaction(pool, async (client) => {
    await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
    const stored = await beginBooking(client);
    // Reconciliation on Citus has no snapshot, and holds this lock while it reads.
    await client.query('lock table analytics.removals in row exclusive mode');
    const upTo = Math.min(stored, await lastBeforeWaiting(client, bookable));
    await book(client, bookable, { upTo, condition: `batch_id <= ${upTo}` });
  });
}

/**
 * The first step of a transaction that books. Until it ends, no repricing changes the costs of raw events.
 * @returns the last batch of which none before is on its way
 */
export async function beginBooking(client: PoolClient): Promise<number> {
  if ((await citusState(client)) === 'distributed') await changeTablesInTurn(client);
  await lockCosts(client);
  return lastStoredBatch(client);
}

/** Until the transaction ends, nobody else books raw events or changes their costs. */
export async function lockCosts(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, $2)', [LOCK_SPACE, lockNumbers.rawCosts]);
}

/**
 * Books all that a day still has, in a transaction that has locked out all writers and removes the day.
 * @param upTo as `beginBooking` returns it. A batch with a higher number that has waited for the lock is booked later.
 */
export function bookRest(client: PoolClient, bookable: BookableDay, upTo: number): Promise<void> {
  return book(client, bookable, { upTo, condition: 'true' });
}

/** The number before the first batch of the day that waits to be rolled up. */
async function lastBeforeWaiting(client: PoolClient, { from, to }: BookableDay): Promise<number> {
  const { rows } = await client.query<{ first: number | null }>(
    `select min(batch_id) as first from analytics.ingestion_batches
     where rolled_up_at is null and occurred_from < $2 and occurred_to >= $1`,
    [from, to],
  );
  return (rows[0]?.first ?? Number.POSITIVE_INFINITY) - 1;
}

async function book(
  client: PoolClient,
  { from, to }: BookableDay,
  { upTo, condition }: { upTo: number; condition: string },
): Promise<void> {
  const booked = await client.query<{ up_to: number }>(
    'select up_to_batch as up_to from analytics.booked_days where day = $1',
    [from],
  );
  const after = booked.rows[0]?.up_to ?? 0;
  if (upTo < after) return;
  await client.query(
    `insert into analytics.daily_books as b (org_id, type, day, ${bookedColumns.join(', ')})
     select org_id, type, ${bucketSql(day, 'occurred_at')}, ${measuresSql('raw')}
     from analytics.events
     where occurred_at >= $1 and occurred_at < $2 and batch_id > $3 and ${condition}
     group by 1, 2, 3
     on conflict (org_id, type, day) do update set
       ${bookedColumns.map((column) => `${column} = b.${column} + excluded.${column}`).join(', ')}`,
    [from, to, after],
  );
  await client.query(
    `insert into analytics.booked_days as d (day, up_to_batch, received, stored, duplicates, conflicts, rejected)
     select $1, $3, coalesce(sum(received), 0), coalesce(sum(stored), 0), coalesce(sum(duplicates), 0),
       coalesce(sum(conflicts), 0), coalesce(sum(rejected), 0)
     from analytics.ingestion_batches where completed_at >= $1 and completed_at < $2
     on conflict (day) do update set up_to_batch = greatest(d.up_to_batch, excluded.up_to_batch)`,
    [from, to, upTo],
  );
}
