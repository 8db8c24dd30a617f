import type { Pool } from 'pg';
import { recordRemoval } from './record-removal.ts';

/** Rows of a table that are removed by their age. */
export interface TimedRemoval {
  table:
    | 'event_conflicts'
    | 'sessions'
    | 'orders'
    | 'customer_orders'
    | 'products'
    | 'daily_books'
    | 'booked_days'
    | 'alert_history'
    | 'notification_outbox'
    | 'in_app_notifications';
  /** The column with the time of a row. */
  time: string;
  /** A condition that the removed rows meet. */
  where: string;
  before: Date;
  /** Whether `analytics.removals` records it, since queries count these rows. */
  recorded?: boolean;
  /** The span of rows in one transaction, in milliseconds. */
  step: number;
}

/**
 * Removes rows, the oldest first, one step of time in each transaction.
 * @returns the number of removed rows
 */
export function removeByTime(
  pool: Pool,
  { table, time, where, recorded, ...when }: TimedRemoval,
): Promise<number> {
  return removeInSteps({
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
    ...(recorded && { onFirst: () => recordRemoval(pool, table, when.before) }),
  });
}

interface SteppedRemoval {
  before: Date;
  /** Milliseconds. */
  step: number;
  /** The time of the oldest row to be removed; null when there is none. */
  oldest(): Promise<Date | null>;
  /** Removes rows from one moment up to another. Returns their number. */
  remove(from: Date, to: Date): Promise<number>;
  /** Called before the first removal, if there is one. */
  onFirst?(): Promise<void>;
}

/** After a step that removed fewer rows than this, the next one is twice as long. */
const FEW_ROWS = 5_000;
/** A step is at most so many times as long as the first, so that denser times do not make a transaction too large. */
const LONGEST_STEP = 32;

/**
 * Removes rows, one step of time in each transaction. Steps grow while they remove few rows: each one costs a search
 * for every org, and a year of a small history has nine thousand hours. Steps are of time, since a distributed table has no `limit` for a
 * removal. Each step begins where the last one ended; only after a step without rows it looks for the oldest row again,
 * since that look reads all rows to be removed. A step has a lower bound, so that it does not pass removed rows again.
 * @returns the number of removed rows
 */
export async function removeInSteps({
  before,
  step,
  oldest,
  remove,
  onFirst,
}: SteppedRemoval): Promise<number> {
  let removed = 0;
  let from = await oldest();
  let factor = 1;
  if (from) await onFirst?.();
  while (from && from < before) {
    const to: Date = new Date(Math.min(before.getTime(), from.getTime() + factor * step));
    const rows = await remove(from, to);
    removed += rows;
    factor = rows < FEW_ROWS ? Math.min(LONGEST_STEP, 2 * factor) : Math.max(1, factor / 2);
    from = rows > 0 || to >= before ? to : await oldest();
  }
  return removed;
}
