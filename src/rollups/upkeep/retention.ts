import type { Pool } from 'pg';
import { changeTablesInTurn, citusState, distribute } from '../../database/extensions/citus.ts';
import { withTransaction } from '../../database/pool.ts';
import type { Log } from '../../telemetry/log.ts';
import { DAY, HOUR } from '../../time.ts';
import { beginBooking, bookDay, bookRest } from '../books/book-day.ts';
import { grainNamed } from '../grains.ts';
import { type EventDay, listEventDays } from './event-days.ts';
import { mergeBatches } from './merge-batches.ts';
import { recordRemoval } from './record-removal.ts';
import { removeByTime } from './remove-by-time.ts';
import { removeOrgEvents } from './remove-org-events.ts';
import { removeRollups } from './remove-rollups.ts';
import { shopRemovals } from './shop-retention.ts';

export interface RetentionOptions {
  pool: Pool;
  log: Log;
  /** Milliseconds that raw events are kept. */
  rawRetention: number;
  /** Milliseconds that an event id is remembered, at least. */
  dedupWindow: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Rows of one transaction. */
const ROWS_AT_ONCE = 20_000;
/** While it waits for a lock, ingestion waits behind it. After this time it gives up, and the next run tries again. */
const LOCK_TIMEOUT = '2s';
/** How long batches and conflicts are kept, for people who look back. */
const BOOKKEEPING_MS = 35 * DAY;
const FOLDS_KEPT_MS = DAY;

/** Removes data past its time: raw events that are rolled up, rollups that are taken in, event ids and bookkeeping. */
export async function applyRetention(options: RetentionOptions): Promise<void> {
  await bookAndDropDays(options);
  await removeShorterKept(options);
  await removeRollups(options);
  await removeBooks(options);
  for (const removal of shopRemovals(options.rawRetention, options.now))
    await removeByTime(options.pool, removal);
  await rotateKeys(options);
  await removeBookkeeping(options);
}

async function bookAndDropDays({ pool, log, rawRetention, now }: RetentionOptions): Promise<void> {
  const tables = Map.groupBy(await listEventDays(pool), ({ name }) => name);
  for (const [partition, days] of tables) {
    const ended = days.filter(({ to }) => to.getTime() <= now);
    const isDue = days.every(({ to }) => to.getTime() <= now - rawRetention);
    if (ended.length === 0) continue;
    try {
      for (const day of ended) await bookDay(pool, day);
      if (!isDue) continue;
      if (await dropIfRolledUp(pool, days)) log.info({ partition }, 'removed raw events past their time');
      else log.warn({ partition }, 'raw events past their time stay until all of them are rolled up');
    } catch (error) {
      const what = isDue ? 'remove' : 'book';
      log.warn({ err: error, partition }, `could not ${what} raw events; the next run tries again`);
    }
  }
}

/** The rest of the retention goes on if another process holds what this needs. */
async function removeShorterKept(options: RetentionOptions): Promise<void> {
  try {
    await removeOrgEvents(options);
  } catch (error) {
    options.log.warn(
      { err: error },
      'could not remove raw events of orgs that keep fewer days; the next run tries again',
    );
  }
}

/**
 * Removes a table of raw events. What arrived since the booking is booked under the lock, so that no event is removed without
 * being in a book.
 * @param days all days of the table, the first one first
 */
function dropIfRolledUp(pool: Pool, days: readonly EventDay[]): Promise<boolean> {
  const [first, last] = [days[0], days.at(-1)];
  if (!(first && last)) return Promise.resolve(false);
  return withTransaction(pool, async (client) => {
    await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
    const upTo = await beginBooking(client);
    // Once the lock is held, every batch with rows of these days has committed, and the query below sees its row.
    // Locks the parent table first, as writers do.
    await client.query('lock table analytics.events in access exclusive mode');
    const waiting = await client.query(
      `select 1 from analytics.ingestion_batches
       where rolled_up_at is null and occurred_from < $2 and occurred_to >= $1 limit 1`,
      [first.from, last.to],
    );
    if (waiting.rowCount !== 0) return false;
    for (const day of days) await bookRest(client, day, upTo);
    await first.drop(client);
    await recordRemoval(client, 'events', last.to);
    return true;
  });
}

/** Books are kept as long as the rollups of days, which they prove. */
async function removeBooks({ pool, now }: RetentionOptions): Promise<void> {
  const before = new Date(now - grainNamed('day').keep);
  for (const table of ['daily_books', 'booked_days'] as const)
    await removeByTime(pool, { table, time: 'day', where: 'true', before, step: 30 * DAY });
}

/** Repeats a removal of some rows until none is left. */
async function removeByCount(pool: Pool, statement: string, values: unknown[]): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rowCount } = await pool.query(statement, [...values, ROWS_AT_ONCE]);
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < ROWS_AT_ONCE) return removed;
  }
}

/**
 * Forgets event ids by generation. Once the current generation is as old as the window, it becomes the previous one, and
 * the one before that is dropped. So an id is remembered for one to two windows.
 */
function rotateKeys({ pool, log, dedupWindow, now }: RetentionOptions): Promise<void> {
  return withTransaction(pool, async (client) => {
    const isDue = async () => {
      const due = await client.query(`select 1 from analytics.key_generations having max(started_at) < $1`, [
        new Date(now - dedupWindow),
      ]);
      return due.rowCount !== 0;
    };
    if (!(await isDue())) return;
    const distributed = (await citusState(client)) === 'distributed';
    if (distributed) await changeTablesInTurn(client);
    await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query(
      'lock table analytics.event_keys_previous, analytics.event_keys in access exclusive mode',
    );
    // Checks again: another run may have rotated before this one had the lock. A second rotation would lose new ids.
    if (!(await isDue())) return;
    await client.query('drop table analytics.event_keys_previous');
    await client.query('alter table analytics.event_keys rename to event_keys_previous');
    await client.query('alter index analytics.event_keys_pkey rename to event_keys_previous_pkey');
    await client.query(
      'create table analytics.event_keys (like analytics.event_keys_previous including all)',
    );
    // The new table is distributed if the one before it is.
    if (distributed) await distribute(client);
    await client.query('insert into analytics.key_generations (started_at) values ($1)', [new Date(now)]);
    log.info({}, 'a new generation of event ids begins');
  });
}

async function removeBookkeeping({ pool, now }: RetentionOptions): Promise<void> {
  const before = new Date(now - BOOKKEEPING_MS);
  await removeByCount(
    pool,
    `delete from analytics.ingestion_batches where batch_id = any(array(
       select batch_id from analytics.ingestion_batches
       where completed_at < $1 and rolled_up_at is not null limit $2))`,
    [before],
  );
  await removeByTime(pool, {
    table: 'event_conflicts',
    time: 'received_at',
    where: 'true',
    before,
    step: HOUR,
  });
  await removeByCount(
    pool,
    `delete from analytics.folds where fold_id = any(array(
       select fold_id from analytics.folds
       where compacted and consumed_at is not null and created_at < $1 limit $2))`,
    [new Date(now - FOLDS_KEPT_MS)],
  );
  await mergeBatches(pool, now);
}
