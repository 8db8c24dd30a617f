import type { Pool } from 'pg';
import { earliestNow } from '../../jobs/earliest-now.ts';
import type { Job } from '../../jobs/start-jobs.ts';
import { removeByTime, type TimedRemoval } from '../../rollups/upkeep/remove-by-time.ts';
import { type Clock, DAY } from '../../time.ts';

/** As long as daily rollups, so that an alert can be compared with the numbers it was about. */
const KEEP = 430 * DAY;
/** The history outlives the messages, since only the history says which alert a message belongs to. */
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
 * What is removed of alerts: first the messages about alerts that ended long ago, then these alerts with their
 * transitions. Open alerts stay however old they are, and so do messages that are still to be sent.
 * @param now milliseconds
 */
export function alertRemovals(now: number): TimedRemoval[] {
  const before = new Date(now - KEEP);
  const messages = (
    table: 'notification_outbox' | 'in_app_notifications',
    condition: string,
  ): TimedRemoval => ({
    table,
    time: 'created_at',
    where: `${condition} and not exists (
      select from analytics.alert_history h
      where h.id = ${table}.alert_id and (h.resolved_at is null or h.resolved_at >= '${before.toISOString()}'))`,
    before,
    step: STEP,
  });
  return [
    messages('notification_outbox', `status not in ('waiting', 'leased')`),
    messages('in_app_notifications', 'true'),
    {
      table: 'alert_history',
      time: 'resolved_at',
      where: 'true',
      before: new Date(now - KEEP - HISTORY_MARGIN),
      step: STEP,
    },
  ];
}
