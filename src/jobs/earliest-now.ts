import type { Pool } from 'pg';
import type { Clock } from '../time.ts';

/**
 * The time in milliseconds by the clock of this process or of the database, whichever is behind. Jobs that remove data
 * go by it: a clock that was set forward must not remove anything too soon.
 */
export async function earliestNow({ pool, clock }: { pool: Pool; clock: Clock }): Promise<number> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  return Math.min(clock.now(), rows[0]?.now.getTime() ?? 0);
}
