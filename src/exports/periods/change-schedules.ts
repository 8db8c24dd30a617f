import type { Pool, PoolClient } from 'pg';
import { createAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError, refuseField } from '../../errors.ts';
import { type Clock, DAY, SECOND } from '../../time.ts';
import type { ExportRequest } from '../request.ts';
import { MONTHS_CORRECTED } from './changes-sql.ts';
import { addMonths, dueAt, monthStart, monthText } from './month.ts';
import {
  type ExportSchedule,
  findSchedule,
  listSchedules,
  type MonthlyDataset,
  type ScheduleChannel,
} from './schedule.ts';

/** A schedule as somebody wants it. */
export interface WantedSchedule {
  orgId: string;
  name: string;
  dataset: MonthlyDataset;
  request: ExportRequest;
  /** Milliseconds. */
  closeAfter: number;
  notify: readonly ScheduleChannel[];
  /** The first month to close; by default the month of its creation. */
  from: number | undefined;
}

interface Changes {
  pool: Pool;
  clock: Clock;
}

/** Corrections need the days of twelve months, and these are kept for 430 days. */
const LONGEST_CLOSE_AFTER = 30 * DAY;

/**
 * Makes a schedule, or changes the one of that name.
 * @returns the schedule, and whether it is new
 * @throws {CodedError} `invalid_request`; `conflict` if another schedule closes the months of the dataset, or if what is
 *   exported would change after a month was closed
 */
export function putSchedule(
  { pool, clock }: Changes,
  wanted: WantedSchedule,
  caller: Caller,
): Promise<{ schedule: ExportSchedule; isNew: boolean }> {
  return withTransaction(pool, async (client) => {
    await client.query('lock table analytics.export_schedules in share row exclusive mode');
    const now = clock.now();
    if (wanted.closeAfter > LONGEST_CLOSE_AFTER)
      throw refuseField('$.monthly.closeAfter', 'must be 30 days at most');
    const schedules = await listSchedules(client, wanted.orgId);
    const before = schedules.find(({ name }) => name === wanted.name);
    const other = schedules.find(({ dataset, name }) => dataset === wanted.dataset && name !== wanted.name);
    if (other) throw conflict(`The schedule ${other.name} closes the months of ${wanted.dataset} already.`);
    if (before && before.dataset !== wanted.dataset)
      throw conflict(`The schedule exports ${before.dataset}. Delete it, or give the new one another name.`);
    const last = await lastClosed(client, wanted);
    if (last && contentOf(last.request) !== contentOf(wanted.request)) {
      const message = `Months up to ${monthText(last.month)} are closed with another granularity or other models, and corrections are by these.`;
      throw conflict(`${message} Keep them as they are.`);
    }
    const nextPeriod = firstPeriod(wanted, { now, before, last: last?.month });
    await client.query(UPSERT, [
      ...[wanted.orgId, wanted.name, wanted.dataset, JSON.stringify(wanted.request)],
      ...[wanted.closeAfter / SECOND, new Date(nextPeriod)],
      ...[new Date(dueAt(nextPeriod, wanted.closeAfter)), new Date(now), caller.actor.id],
      JSON.stringify(wanted.notify),
    ]);
    const schedule = await findSchedule(client, wanted.orgId, wanted.name);
    if (!schedule) throw new Error('the schedule that was just made is not there');
    await createAudit(
      client,
      clock,
    )({
      ...{ ...caller, action: 'export_schedule.put', orgId: wanted.orgId, subject: wanted.name },
      ...{ before, after: schedule },
    });
    return { schedule, isNew: before === undefined };
  });
}

const UPSERT = `
  insert into analytics.export_schedules
    (org_id, name, dataset, request, close_after_seconds, next_period, due_at, created_at, created_by,
     updated_at, updated_by, notify)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $9, $10)
  on conflict (org_id, name) do update set
    request = excluded.request, close_after_seconds = excluded.close_after_seconds,
    notify = excluded.notify,
    next_period = excluded.next_period, due_at = excluded.due_at, updated_at = excluded.updated_at,
    updated_by = excluded.updated_by, failures = 0, failure = null, retry_at = '-infinity'`;

/** @throws {CodedError} `not_found` */
export function deleteSchedule(
  { pool, clock }: Changes,
  { orgId, name }: { orgId: string; name: string },
  caller: Caller,
): Promise<void> {
  return withTransaction(pool, async (client) => {
    const before = await findSchedule(client, orgId, name);
    if (!before) throw new CodedError('not_found', `The org has no export schedule ${name}.`);
    await client.query('delete from analytics.export_schedules where schedule_id = $1', [before.scheduleId]);
    await createAudit(
      client,
      clock,
    )({
      ...{ ...caller, action: 'export_schedule.delete', orgId, subject: name, before },
    });
  });
}

/** What the rows of a month depend on. */
function contentOf({ granularity, models }: ExportRequest): string {
  return JSON.stringify([granularity, [...models].sort()]);
}

async function lastClosed(
  client: PoolClient,
  { orgId, dataset }: WantedSchedule,
): Promise<{ month: number; request: ExportRequest } | undefined> {
  const { rows } = await client.query<{ period: Date; request: ExportRequest }>(
    `select period, request from analytics.closed_periods where org_id = $1 and dataset = $2
     order by period desc, revision desc limit 1`,
    [orgId, dataset],
  );
  const [row] = rows;
  return row && { month: row.period.getTime(), request: row.request };
}

/** Months are closed one after the other, so a month after a closed one is the next. */
function firstPeriod(
  { from }: WantedSchedule,
  { now, before, last }: { now: number; before: ExportSchedule | undefined; last: number | undefined },
): number {
  const next = last === undefined ? undefined : addMonths(last, 1);
  if (from === undefined) return next ?? before?.nextPeriod ?? monthStart(now);
  const earliest = addMonths(monthStart(now), -MONTHS_CORRECTED);
  if (from < earliest)
    throw refuseField(
      '$.monthly.from',
      `must be ${monthText(earliest)} or later, and not ${monthText(from)}`,
    );
  if (from > monthStart(now))
    throw refuseField('$.monthly.from', `must not be after this month, and not ${monthText(from)}`);
  if (next !== undefined && from !== next && before === undefined)
    throw refuseField('$.monthly.from', `must be ${monthText(next)}: the months before it are closed`);
  return next ?? from;
}

function conflict(message: string): CodedError {
  return new CodedError('conflict', message);
}
