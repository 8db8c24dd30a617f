import type { Pool, PoolClient } from 'pg';
import { citusState } from '../../database/extensions/citus.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { readAllAsOne } from '../../rollups/remake/remake.ts';
import { beginSnapshot } from '../../rollups/snapshot.ts';
import { MINUTE } from '../../time.ts';
import { ExportFailure } from '../failure.ts';
import type { ExportRequest } from '../request.ts';
import { closeMonth } from './close-month.ts';
import { addMonths, dueAt, monthText } from './month.ts';
import { type ExportSchedule, type ScheduleRow, scheduleOf } from './schedule.ts';
import { TOLD_FAILURE, tellMonth } from './tell-month.ts';

export interface CloseOptions {
  pool: Pool;
  /** Milliseconds since the epoch. */
  now: number;
  /** Who issues the costs. */
  issuer: string;
}

/** What a round came to. */
export type CloseResult =
  | { result: 'nothing' }
  | { result: 'closed'; schedule: ExportSchedule; month: number; revision: number }
  | { result: 'failed'; schedule: ExportSchedule; error: unknown };

/** The pause after the first failure. It doubles with each further one. */
const FIRST_PAUSE = 5 * MINUTE;
const LONGEST_PAUSE = 60 * MINUTE;
const SERIALIZATION_FAILURE = '40001';
const UNIQUE_VIOLATION = '23505';

/**
 * Closes the month that has been due for longest, if one is due. The month, its rows and the next due time of the schedule
 * are one transaction. Several workers close one after the other.
 */
export async function closeDue(options: CloseOptions): Promise<CloseResult> {
  const { pool, now } = options;
  let claimed: ExportSchedule | undefined;
  try {
    return await withClosing(pool, async (client) => {
      // A change of schedules waits until the transaction ends, and cannot wait for its row meanwhile.
      await client.query('lock table analytics.export_schedules in row exclusive mode');
      claimed = await claim(client, now);
      if (!claimed) return { result: 'nothing' };
      const { scheduleId, nextPeriod: month, closeAfter } = claimed;
      const revision = await closeMonth(client, {
        ...{ request: monthRequest(claimed, month), month, now, issuer: options.issuer },
        ...{ scheduleId, dueAt: claimed.dueAt, closedBy: `schedule ${claimed.name}`, note: null },
      });
      const next = addMonths(month, 1);
      await client.query(
        `update analytics.export_schedules
         set next_period = $2, due_at = $3, failures = 0, failure = null, retry_at = '-infinity'
         where schedule_id = $1`,
        [scheduleId, new Date(next), new Date(dueAt(next, closeAfter))],
      );
      return { result: 'closed', schedule: claimed, month, revision };
    });
  } catch (error) {
    const { code } = error as { code?: string };
    // Another worker closed it at the same time.
    if (code === SERIALIZATION_FAILURE || code === UNIQUE_VIOLATION) return { result: 'nothing' };
    if (!claimed) throw error;
    return { result: 'failed', schedule: claimed, error };
  }
}

/**
 * Runs `fn` in a transaction that closes a month. It reads all as of one moment, after everything that was closed before,
 * and nobody else closes a month until it ends. The locks come before the first row is read, which chooses the moment.
 */
export async function withClosing<T>(pool: Pool, fn: (client: PoolClient) => Promise<T>): Promise<T> {
  // Asked before the transaction holds its connection: the pool may have no second one.
  const distributed = (await citusState(pool)) === 'distributed';
  return withTransaction(pool, async (client) => {
    if (distributed) await readAllAsOne(client, 'distributed');
    else await beginSnapshot(client, 'read write');
    await client.query('lock table analytics.closed_periods in share row exclusive mode');
    return fn(client);
  });
}

async function claim(client: PoolClient, now: number): Promise<ExportSchedule | undefined> {
  const { rows } = await client.query<ScheduleRow>(
    `select * from analytics.export_schedules
     where due_at <= $1 and retry_at <= $1 order by due_at, org_id, name limit 1 for update skip locked`,
    [new Date(now)],
  );
  return rows[0] && scheduleOf(rows[0]);
}

/** What a schedule exports of a month. */
function monthRequest({ request }: Pick<ExportSchedule, 'request'>, month: number): ExportRequest {
  return { ...request, range: { start: month, end: addMonths(month, 1) } };
}

/** Records that closing a month failed. It is tried again later, and the month stays open until then. */
export function recordCloseFailure(
  pool: Pool,
  schedule: ExportSchedule,
  { error, now }: { error: unknown; now: number },
): Promise<{ failures: number; failure: string }> {
  const { scheduleId, orgId, name, dataset, nextPeriod, notify } = schedule;
  const failures = schedule.failures + 1;
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(schedule.failures, 10));
  const failure = reasonOf(error);
  return withTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `update analytics.export_schedules set failures = $5, failure = $3, retry_at = $4
     where schedule_id = $1 and next_period = $2 and failures = $5 - 1`,
      [scheduleId, new Date(nextPeriod), failure, new Date(now + pause), failures],
    );
    if (rowCount === 1 && failures === TOLD_FAILURE) {
      const month = { schedule: name, dataset, period: monthText(nextPeriod), failures, failure };
      const unknown = { revision: null, rows: null, corrections: null, jobId: null };
      await tellMonth(client, {
        ...{ orgId, kind: 'month_failed', notify, at: new Date(now) },
        month: { ...month, ...unknown },
      });
    }
    return { failures, failure };
  });
}

/** Only messages that are meant for people are shown. */
function reasonOf(error: unknown): string {
  if (error instanceof ExportFailure || error instanceof CodedError) return error.message;
  return 'the service failed while it closed the month; the log of the worker has the details';
}
