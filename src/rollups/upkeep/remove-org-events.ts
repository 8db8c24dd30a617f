/**
 * Removes raw events of orgs that keep fewer days than others. Their rows lie in partitions with those of other orgs, so
 * they are deleted. Only events that are in the book of their day are deleted: writers need not wait, and no event is lost
 * to the book.
 */
import type { Pool } from 'pg';
import { changeTablesInTurn, citusState } from '../../database/extensions/citus.ts';
import { allowCompressedEventChanges } from '../../database/extensions/timescaledb.ts';
import { withTransaction } from '../../database/pool.ts';
import type { Log } from '../../telemetry/log.ts';
import { DAY, MINUTE } from '../../time.ts';
import type { EventDay } from './event-days.ts';
import { listEventDays } from './event-days.ts';
import { removeInSteps } from './remove-by-time.ts';

interface RemoveOptions {
  pool: Pool;
  log: Log;
  /** Milliseconds since the epoch. */
  now: number;
}

/** An org that keeps fewer days, or once did. */
interface ShortOrg {
  org_id: string;
  raw_days: number | null;
  removed_before: Date | null;
  searched_batch: number;
}

/** Orgs of one deletion. */
const ORGS_AT_ONCE = 500;
/** The span of rows in one transaction. */
const STEP = 10 * MINUTE;
/** As for other removals: the next run tries again. */
const LOCK_TIMEOUT = '2s';

/**
 * Removes what is past the retention of its org. The days must have been booked before. Days before `removed_before` are
 * searched again for events that came late.
 * @returns the number of removed rows
 */
export async function removeOrgEvents({ pool, log, now }: RemoveOptions): Promise<number> {
  const { rows: orgs } = await pool.query<ShortOrg>(
    `select org_id, raw_days, removed_before, searched_batch from analytics.org_retention
     where raw_days is not null or removed_before is not null order by org_id`,
  );
  if (orgs.length === 0) return 0;
  const days = await listEventDays(pool);
  let removed = 0;
  for (let at = 0; at < orgs.length; at += ORGS_AT_ONCE)
    removed += await removeOf(orgs.slice(at, at + ORGS_AT_ONCE), { pool, days, now });
  if (removed > 0) log.info({ rows: removed }, 'removed raw events of orgs that keep fewer days');
  return removed;
}

async function removeOf(
  orgs: readonly ShortOrg[],
  { pool, days, now }: { pool: Pool; days: readonly EventDay[]; now: number },
): Promise<number> {
  let removed = 0;
  let searched = Number.POSITIVE_INFINITY;
  for (const day of days) {
    const due = orgs.filter((org) => isDue(org, day, now));
    if (due.length === 0) continue;
    const upTo = await bookedUpTo(pool, day);
    // A day without a book is searched by the next run.
    if (upTo === undefined) return removed;
    searched = Math.min(searched, upTo);
    const isSearched = ({ removed_before }: ShortOrg) => removed_before !== null && removed_before >= day.to;
    const fresh = await orgsInBook(
      pool,
      day,
      due.filter((org) => !isSearched(org)),
    );
    removed += await removeFrom(pool, day, { orgIds: fresh, after: 0, upTo });
    const late = due.filter(isSearched);
    const after = Math.min(...late.map(({ searched_batch }) => searched_batch));
    removed += await removeFrom(pool, day, { orgIds: late.map(({ org_id }) => org_id), after, upTo });
  }
  if (Number.isFinite(searched))
    await pool.query(
      'update analytics.org_retention set searched_batch = $1 where org_id = any($2) and searched_batch < $1',
      [searched, orgs.map(({ org_id }) => org_id)],
    );
  return removed;
}

/** What was removed once stays removed, also if the org keeps more days by now. */
function isDue({ raw_days, removed_before }: ShortOrg, day: EventDay, now: number): boolean {
  if (removed_before !== null && day.to <= removed_before) return true;
  return raw_days !== null && day.to.getTime() <= now - raw_days * DAY;
}

async function bookedUpTo(pool: Pool, { from }: EventDay): Promise<number | undefined> {
  const { rows } = await pool.query<{ up_to: number }>(
    'select up_to_batch as up_to from analytics.booked_days where day = $1',
    [from],
  );
  return rows[0]?.up_to;
}

async function orgsInBook(pool: Pool, { from }: EventDay, orgs: readonly ShortOrg[]): Promise<string[]> {
  if (orgs.length === 0) return [];
  const { rows } = await pool.query<{ org_id: string }>(
    'select distinct org_id from analytics.daily_books where day = $1 and org_id = any($2) order by 1',
    [from, orgs.map(({ org_id }) => org_id)],
  );
  return rows.map(({ org_id }) => org_id);
}

interface Removed {
  orgIds: readonly string[];
  /** Only events of batches after this one, up to another. */
  after: number;
  upTo: number;
}

function removeFrom(pool: Pool, day: EventDay, { orgIds, after, upTo }: Removed): Promise<number> {
  if (orgIds.length === 0 || upTo <= after) return Promise.resolve(0);
  const condition = `org_id = any($1) and occurred_at >= $2 and occurred_at < $3 and batch_id > $4 and batch_id <= $5`;
  const valuesOf = (from: Date, to: Date) => [orgIds, from, to, after, upTo];
  return removeInSteps({
    before: day.to,
    step: STEP,
    oldest: async () => {
      const { rows } = await pool.query<{ oldest: Date | null }>(
        `select min(occurred_at) as oldest from analytics.events where ${condition}`,
        valuesOf(day.from, day.to),
      );
      return rows[0]?.oldest ?? null;
    },
    remove: (from, to) =>
      withTransaction(pool, async (client) => {
        await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
        if ((await citusState(client)) === 'distributed') await changeTablesInTurn(client);
        // In the order of all who remove. Whoever compares or reprices raw events keeps them by these locks.
        await client.query('lock table analytics.events in row exclusive mode');
        await client.query('lock table analytics.removals in row exclusive mode');
        await allowCompressedEventChanges(client);
        await client.query(
          `update analytics.org_retention set removed_before = greatest(removed_before, $2)
           where org_id = any($1) and removed_before is distinct from greatest(removed_before, $2)`,
          [orgIds, day.to],
        );
        const { rowCount } = await client.query(
          `delete from analytics.events where ${condition}`,
          valuesOf(from, to),
        );
        return rowCount ?? 0;
      }),
  });
}
