import type { TimedRemoval } from '../../rollups/upkeep/remove-by-time.ts';
import { DAY } from '../../time.ts';

/** As long as rollups by the day, so that an alert can be held against the numbers it was about. */
const KEEP = 430 * DAY;
/** The history outlives the messages: by it one knows whose they are. */
const HISTORY_MARGIN = 7 * DAY;
/** Rows that one transaction removes: those of a week. */
const STEP = 7 * DAY;

/**
 * What leaves of alerts: the messages about those that have been over for long, and then these alerts themselves, with
 * their transitions. What is still open stays, however old, and so does what is still to be sent.
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
