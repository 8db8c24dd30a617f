import type { Pool } from 'pg';

/** What is to be removed of a table. */
export interface TimedRemoval {
  table:
    | 'rollups'
    | 'event_conflicts'
    | 'sessions'
    | 'customer_orders'
    | 'products'
    | 'alert_history'
    | 'notification_outbox'
    | 'in_app_notifications';
  /** The column that says how old a row is. */
  time: string;
  /** A condition for all rows. */
  where: string;
  before: Date;
  /** Milliseconds of rows that one transaction removes. */
  step: number;
  /** Told before the first removal, if there is one. */
  onFirst?(): Promise<void>;
}

/**
 * Removes rows from the oldest on, a stretch of time after the other. By time, since a distributed table knows no
 * number of rows to stop at.
 * @returns how many
 */
export const removeByTime = async (pool: Pool, removal: TimedRemoval): Promise<number> => {
  const { table, time, where, before, step, onFirst } = removal;
  const due = `${where} and ${time} < $1`;
  let removed = 0;
  for (let first = true; ; first = false) {
    const { rows } = await pool.query<{ oldest: Date | null }>(
      `select min(${time}) as oldest from analytics.${table} where ${due}`,
      [before],
    );
    const oldest = rows[0]?.oldest;
    if (!oldest) return removed;
    if (first) await onFirst?.();
    const end = Math.min(before.getTime(), oldest.getTime() + step);
    const { rowCount } = await pool.query(`delete from analytics.${table} where ${due}`, [new Date(end)]);
    removed += rowCount ?? 0;
  }
};
