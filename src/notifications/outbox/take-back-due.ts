import type { Pool } from 'pg';
import { DAY, MINUTE, SECOND } from '../../time.ts';
import { LONGEST_ASKED } from './retry-delay.ts';

/** Clocks of several processes may differ by as much. */
const TOLERATED = MINUTE;
/** Quiet hours end within a day. */
const LONGEST_HELD = DAY;

// A message without a hold is due when it was detected. One that is held until the end of quiet hours keeps that time.
const TAKE_BACK = `
  update analytics.notification_outbox
  set not_before = case
      when attempts = 0 and not_before > detected_at + interval '1 min' and not_before < $1::timestamptz + $2::interval
      then not_before else least(not_before, $1::timestamptz) end,
    detected_at = least(detected_at, $1::timestamptz), created_at = least(created_at, $1::timestamptz),
    leased_until = least(leased_until, $1::timestamptz + $4::interval)
  where status in ('waiting', 'leased') and (
    detected_at > $1::timestamptz + $4::interval
    or leased_until > $1::timestamptz + 2 * $4::interval
    or not_before > $1::timestamptz + (case when attempts = 0 then $2 else $3 end)::interval)`;

/**
 * Takes back the times of unsent messages that come from a clock that was ahead: no hold and no retry is as long. Else the
 * messages would wait until the clock has reached these times again.
 * @returns how many messages there were
 */
export async function takeBackMessages(pool: Pool, now: number): Promise<number> {
  const seconds = (millis: number) => `${millis / SECOND} s`;
  const { rowCount } = await pool.query(TAKE_BACK, [
    new Date(now),
    seconds(LONGEST_HELD + TOLERATED),
    seconds(LONGEST_ASKED + TOLERATED),
    seconds(TOLERATED),
  ]);
  return rowCount ?? 0;
}
