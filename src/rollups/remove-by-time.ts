import type { Pool } from 'pg';
import { noteRemoval } from './note-removal.ts';

/** What is to be removed of a table. */
export interface TimedRemoval {
  table:
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
  /** Whether `analytics.removals` says so: an answer counts these rows. */
  noted?: boolean;
  /** Milliseconds of rows that one transaction removes. */
  step: number;
}

/**
 * Removes rows from the oldest on, a stretch of time after the other.
 * @returns how many
 */
export const removeByTime = (
  pool: Pool,
  { table, time, where, noted, ...when }: TimedRemoval,
): Promise<number> => {
  const due = `${where} and ${time} < $1`;
  return removeInStretches({
    ...when,
    oldest: async () => {
      const { rows } = await pool.query<{ oldest: Date | null }>(
        `select min(${time}) as oldest from analytics.${table} where ${due}`,
        [when.before],
      );
      return rows[0]?.oldest ?? null;
    },
    removeUpTo: async (end) => {
      const { rowCount } = await pool.query(`delete from analytics.${table} where ${due}`, [end]);
      return rowCount ?? 0;
    },
    ...(noted && { onFirst: () => noteRemoval(pool, table, when.before) }),
  });
};

interface Stretches {
  before: Date;
  /** Milliseconds. */
  step: number;
  /** The time of the oldest row that is due; null when none is. */
  oldest(): Promise<Date | null>;
  /** Removes the rows that are due and older than this; how many there were. */
  removeUpTo(end: Date): Promise<number>;
  /** Told before the first removal, if there is one. */
  onFirst?(): Promise<void>;
}

/**
 * Removes what is due, a stretch of time in each transaction. By time, since a distributed table knows no number of
 * rows to stop at.
 * @returns how many rows
 */
export const removeInStretches = async ({
  before,
  step,
  oldest,
  removeUpTo,
  onFirst,
}: Stretches): Promise<number> => {
  let removed = 0;
  for (let first = true; ; first = false) {
    const from = await oldest();
    if (!from) return removed;
    if (first) await onFirst?.();
    const end = Math.min(before.getTime(), from.getTime() + step);
    removed += await removeUpTo(new Date(end));
    if (end === before.getTime()) return removed;
  }
};
