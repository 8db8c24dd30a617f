import type { Pool } from 'pg';
import type { Log } from '../../telemetry/log.ts';
import { SECOND } from '../../time.ts';
import { DUE_TOO_LATE } from '../observing/evaluation-lag.ts';

// `last_evaluated_at` too: an evaluation of the future would hold back those that new data triggers.
const TAKE_BACK = `
  update analytics.alert_configs
  set next_evaluation_at = $1, last_evaluated_at = least(last_evaluated_at, $1)
  where id in (
    select id from analytics.alert_configs where enabled and ${DUE_TOO_LATE} > $1 for update skip locked)`;

/**
 * Makes the rules due whose due time no evaluation can have set: the clock was ahead then, and is set back now. Else nobody
 * would evaluate them until it has reached that time again.
 * @returns how many there were
 */
export async function takeBackDueTimes(pool: Pool, log: Pick<Log, 'warn'>, now: number): Promise<number> {
  const { rowCount } = await pool.query(TAKE_BACK, [new Date(now)]);
  if (rowCount) {
    const { rows } = await pool.query<{ ahead: number }>(
      'select extract(epoch from now() - $1::timestamptz)::float8 as ahead',
      [new Date(now)],
    );
    log.warn(
      { rules: rowCount, databaseAheadSeconds: Math.round((rows[0]?.ahead ?? 0) * SECOND) / SECOND },
      'alert rules were due too far in the future, as after a clock was set back; they are due now',
    );
  }
  return rowCount ?? 0;
}
