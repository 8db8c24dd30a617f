import type { Pool } from 'pg';
import { earliestNow } from '../../jobs/earliest-now.ts';
import type { Job } from '../../jobs/start-jobs.ts';
import { messageRemovals } from '../../notifications/outbox/retention.ts';
import { removeByTime, type TimedRemoval } from '../../rollups/upkeep/remove-by-time.ts';
import { type Clock, DAY } from '../../time.ts';

/** The same as for rollups by the day, so that an alert can be compared with the numbers it was about. */
const KEEP = 430 * DAY;
/** The history is kept longer than the messages: it says which org a message belongs to. */
const HISTORY_MARGIN = 7 * DAY;
/** One transaction removes the rows of a week. */
const STEP = 7 * DAY;

/** The jobs of alerts: old alerts are removed at the same minute as old events and rollups. */
export function alertJobs(options: { pool: Pool; clock: Clock }): Job[] {
  return [
    {
      name: 'alert-retention',
      schedule: '20 * * * *',
      run: async (signal) => {
        const now = await earliestNow(options);
        for (const removal of alertRemovals(now)) {
          if (signal.aborted) return;
          await removeByTime(options.pool, removal);
        }
      },
    },
  ];
}

/**
 * The removals of ended alerts: first the messages about them, then the alerts with their transitions. An alert that
 * is still open stays, however old it is, and so does a message that is still to be sent.
 * @param now milliseconds
 */
export function alertRemovals(now: number): TimedRemoval[] {
  return [
    ...messageRemovals(new Date(now - KEEP), STEP),
    {
      table: 'alert_history',
      time: 'resolved_at',
      where: 'true',
      before: new Date(now - KEEP - HISTORY_MARGIN),
      step: STEP,
    },
  ];
}
