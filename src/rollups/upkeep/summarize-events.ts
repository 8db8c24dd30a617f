import type { Pool } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import type { Log } from '../../telemetry/log.ts';

/** Waiting for a second would cancel an autovacuum of the partition, which summarizes pages too. */
const LOCK_TIMEOUT = '500ms';

/**
 * Enters new pages of raw events into the index of their times. PostgreSQL does so only when it vacuums a partition, and
 * reads all other pages for every question about raw events. On a cluster the nodes wait for that vacuum.
 * @returns how many ranges of pages were entered
 */
export async function summarizeEvents({ pool, log }: { pool: Pool; log: Log }): Promise<number> {
  const { rows: indexes } = await pool.query<{ name: string }>(
    `select i.indexrelid::regclass::text as name
     from pg_inherits h join pg_index i on i.indrelid = h.inhrelid
     join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
     where h.inhparent = 'analytics.events'::regclass and a.amname = 'brin'`,
  );
  let entered = 0;
  for (const { name } of indexes) {
    try {
      entered += await summarize(pool, name);
    } catch (error) {
      log.debug({ err: error, index: name }, 'pages of raw events are summarized at the next run');
    }
  }
  return entered;
}

function summarize(pool: Pool, index: string): Promise<number> {
  return withTransaction(pool, async (client) => {
    await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
    const { rows } = await client.query<{ entered: number }>(
      'select brin_summarize_new_values($1::regclass) as entered',
      [index],
    );
    return rows[0]?.entered ?? 0;
  });
}
