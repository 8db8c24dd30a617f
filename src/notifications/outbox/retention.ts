import type { TimedRemoval } from '../../rollups/upkeep/remove-by-time.ts';

/**
 * The removals of old messages. A message stays while it is still to be sent, and while its alert is open or ended
 * after `before`.
 * @param step milliseconds of rows that one transaction removes
 */
export function messageRemovals(before: Date, step: number): TimedRemoval[] {
  const removal = (
    table: 'notification_outbox' | 'in_app_notifications',
    condition: string,
  ): TimedRemoval => ({
    table,
    time: 'created_at',
    where: `${condition} and not exists (
      select from analytics.alert_history h
      where h.id = ${table}.alert_id and (h.resolved_at is null or h.resolved_at >= '${before.toISOString()}'))`,
    before,
    step,
  });
  return [
    removal('notification_outbox', `status not in ('waiting', 'leased')`),
    removal('in_app_notifications', 'true'),
  ];
}
