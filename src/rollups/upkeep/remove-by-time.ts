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
export function removeByTime(
  pool: Pool,
  { table, time, where, noted, ...when }: TimedRemoval,
): Promise<number> {
  return removeInStretches({
    ...when,
    oldest: async () => {
      const { rows } = await pool.query<{ oldest: Date | null }>(
        `select min(${time}) as oldest from analytics.${table} where ${where} and ${time} < $1`,
        [when.before],
      );
      return rows[0]?.oldest ?? null;
    },
    remove: async (from, to) => {
      const { rowCount } = await pool.query(
        `delete from analytics.${table} where ${where} and ${time} >= $1 and ${time} < $2`,
        [from, to],
      );
      return rowCount ?? 0;
    },
    ...(noted && { onFirst: () => noteRemoval(pool, table, when.before) }),
  });
}

interface Stretches {
  before: Date;
  /** Milliseconds. */
  step: number;
  /** The time of the oldest row that is due; null when none is. */
  oldest(): Promise<Date | null>;
  /** Removes the rows that are due, from the first moment up to the second; how many there were. */
  remove(from: Date, to: Date): Promise<number>;
  /** Told before the first removal, if there is one. */
  onFirst?(): Promise<void>;
}

/**
 * Removes what is due, a stretch of time in each transaction. By time, since a distributed table knows no number of
 * rows to stop at. A stretch begins where the last one ended, until one has nothing: to look for the oldest is to read
 * all that are due, and to remove whatever is older to pass by all that went before.
 * @returns how many rows
 */
export async function removeInStretches({
  before,
  step,
  oldest,
  remove,
  onFirst,
}: Stretches): Promise<number> {
  let removed = 0;
  let from = await oldest();
  if (from) await onFirst?.();
  while (from && from < before) {
    const to = new Date(Math.min(before.getTime(), from.getTime() + step));
    const rows = await remove(from, to);
    removed += rows;
    from = rows > 0 || to >= before ? to : await oldest();
  }
  return removed;
}
