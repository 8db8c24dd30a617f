import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeRollups } from '../../src/rollups/upkeep/remove-rollups.ts';
import { DAY, HOUR } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { silentLog } from '../support/events/ingestion.ts';

const database = useDatabase();
const now = Date.UTC(2026, 10, 18, 12);
/** A connection of its own, whose reads are counted when asked for. */
let pool: Pool;

const ORGS = 20;
const HOURS = 89 * 24;

describe('many hours, none of which is due', () => {
  beforeAll(async () => {
    pool = new Pool({ connectionString: database.url, max: 1, types: database.pool.options.types });
    for (const [type, ago] of [
      ['usage', 89],
      // Kept for longer, and so older than the retention of most types.
      ['order', 200],
    ] as const) {
      await pool.query(
        `insert into analytics.series (org_id, type, series_key, platform_series_id)
         select 'org-' || o, $1, md5($1 || o), 1 from generate_series(1, $2::int) as o`,
        [type, ORGS],
      );
      await pool.query(
        `insert into analytics.rollups (grain, fold_id, org_id, type, series_id, bucket_start, count, last_event_at)
         select 'hour', 1, s.org_id, s.type, s.series_id, b, 1, b
         from analytics.series s, generate_series($2::timestamptz, $3, interval '1 hour') as b
         where s.type = $1`,
        [type, new Date(now - ago * DAY), new Date(now - ago * DAY + HOURS * HOUR - 1)],
      );
    }
    await pool.query('analyze analytics.rollups_hour');
    await pool.query('analyze analytics.series');
  });
  afterAll(() => pool.end());

  const rowsRead = async (): Promise<{ scanned: number; found: number }> => {
    await pool.query('select pg_stat_force_next_flush()');
    const { rows } = await pool.query(
      `select seq_tup_read as scanned, idx_tup_fetch as found
       from pg_stat_all_tables where relid = 'analytics.rollups_hour'::regclass`,
    );
    return rows[0];
  };
  const rowsLeft = async (type: string): Promise<number> => {
    const { rows } = await database.pool.query<{ left: number }>(
      `select count(*) as left from analytics.rollups where type = $1`,
      [type],
    );
    return rows[0]?.left ?? 0;
  };

  test('are not read', async () => {
    const before = await rowsRead();
    await removeRollups({ pool, log: silentLog, now });
    expect(await rowsRead()).toEqual(before);
    expect(await rowsLeft('usage')).toBe(ORGS * HOURS);
  });

  test('are not read when a few others are due', async () => {
    const before = await rowsRead();
    const due = 2;
    await removeRollups({ pool, log: silentLog, now: now + DAY + due * HOUR });
    const { scanned, found } = await rowsRead();
    expect(scanned).toBe(before.scanned);
    expect(found - before.found).toBeLessThan(ORGS * 10 * due);
    expect(await rowsLeft('usage')).toBe(ORGS * (HOURS - due));
    expect(await rowsLeft('order')).toBe(ORGS * HOURS);
  });

  test('are read a few times each once all are due', async () => {
    const before = await rowsRead();
    await removeRollups({ pool, log: silentLog, now: now + 90 * DAY });
    const { found } = await rowsRead();
    expect(found - before.found).toBeLessThan(ORGS * HOURS * 10);
    expect(await rowsLeft('usage')).toBe(0);
    expect(await rowsLeft('order')).toBe(ORGS * HOURS);
  });
});
