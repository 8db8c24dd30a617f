import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { Caller } from '../../auth/caller.ts';
import { withTransaction } from '../../database/pool.ts';
import type { MonthNoticeKind } from '../../notifications/notice/notice.ts';
import { MINUTE } from '../../time.ts';
import type { Proof } from '../datasets/closed-month.ts';
import { createExport, type ExportChanges } from '../jobs/create-export.ts';
import type { ExportJob, JobStatus } from '../jobs/job.ts';
import type { ExportRequest } from '../request.ts';
import { monthText } from './month.ts';
import type { MonthlyDataset, ScheduleChannel } from './schedule.ts';
import { TOLD_FAILURE, tellMonth } from './tell-month.ts';

/** A revision of a closed month whose files are on their way. */
interface Undelivered {
  org_id: string;
  dataset: MonthlyDataset;
  period: Date;
  revision: number;
  schedule_id: string;
  request: ExportRequest;
  job_tries: number;
  job_id: string | null;
  status: JobStatus | null;
  error: { code: string; message: string } | null;
}

/** What came of a look at the closed months. */
export type DeliveryStep =
  | { step: 'nothing' }
  | { step: 'asked' | 'delivered'; month: ClosedRevision }
  | { step: 'failed'; month: ClosedRevision; failure: string };

interface ClosedRevision {
  orgId: string;
  dataset: MonthlyDataset;
  period: Date;
  revision: number;
  scheduleId: string;
}

/** The pause after files could not be written. It doubles with each failure. */
const FIRST_PAUSE = 10 * MINUTE;
const LONGEST_PAUSE = 6 * 60 * MINUTE;

/** The next closed month that needs something: a job, or a look at what came of its job. */
const NEXT = `
  select p.org_id, p.dataset, p.period, p.revision, p.schedule_id, p.request, p.job_tries, p.job_id, j.status, j.error
  from analytics.closed_periods p left join analytics.export_jobs j on j.job_id = p.job_id
  where p.delivered_at is null and p.retry_at <= $1
    and (p.job_id is null or j.status is null or j.status not in ('pending', 'running'))
  order by p.closed_at, p.org_id limit 1`;

/** Takes one step towards the files of a closed month: asks for them, or records what came of it. */
export async function deliverNext(changes: ExportChanges): Promise<DeliveryStep> {
  const { pool, clock } = changes;
  const now = new Date(clock.now());
  const { rows } = await pool.query<Undelivered>(NEXT, [now]);
  const [next] = rows;
  if (!next) return { step: 'nothing' };
  const month = revisionOf(next);
  if (next.job_id === null || next.status === null) {
    const { jobId } = await askForFiles(changes, month, { request: next.request, key: `${next.job_tries}` });
    await pool.query(
      `update analytics.closed_periods set job_id = $5
       where org_id = $1 and dataset = $2 and period = $3 and revision = $4 and job_id is not distinct from $6`,
      [...keyOf(month), jobId, next.job_id],
    );
    return { step: 'asked', month };
  }
  if (next.status === 'succeeded' || next.status === 'expired') {
    await settle(pool, month, next.job_id, now);
    return { step: 'delivered', month };
  }
  const failure = next.error?.message ?? `the export of its files was ${next.status}`;
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(next.job_tries, 10));
  await recordFailure(pool, month, {
    ...{ jobId: next.job_id, failure, now },
    retryAt: new Date(now.getTime() + pause),
  });
  return { step: 'failed', month, failure };
}

/**
 * Asks for the files of a closed month. They are the same as the first ones, also when these are no longer kept.
 * @param key the same key leads to the same job
 */
export function askForFiles(
  changes: ExportChanges,
  { dataset, period, revision, scheduleId }: Omit<ClosedRevision, 'orgId'>,
  { request, key, caller = scheduler }: { request: ExportRequest; key: string; caller?: Caller },
): Promise<ExportJob> {
  const closed = { month: period.getTime(), revision };
  const text = monthText(closed.month);
  return createExport(
    changes,
    {
      request: { ...request, closed },
      idempotencyKey: `month ${dataset} ${text} revision ${revision} try ${key}`,
      schedule: { id: scheduleId, period: text },
    },
    caller,
  );
}

/** The worker, which exports in the name of whoever made the schedule. */
const scheduler: Caller = {
  actor: { id: 'export schedule', roles: ['admin'], orgs: [], via: 'schedule' },
  route: 'export schedule',
  requestId: randomUUID(),
};

function revisionOf(row: Undelivered): ClosedRevision {
  const { org_id: orgId, dataset, period, revision, schedule_id: scheduleId } = row;
  return { orgId, dataset, period, revision, scheduleId };
}

function keyOf({ orgId, dataset, period, revision }: ClosedRevision): unknown[] {
  return [orgId, dataset, period, revision];
}

/** What the schedule of a month says when its files are written, or fail. The schedule may be deleted by then. */
interface ToldSchedule {
  name: string;
  notify: ScheduleChannel[];
  failures: number;
  revision: number;
  proof: Pick<Proof, 'rowCount' | 'corrections'>;
}

function settle(pool: Pool, month: ClosedRevision, jobId: string, now: Date): Promise<void> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<ToldSchedule>(
      `with delivered as (
         update analytics.closed_periods set delivered_at = $6
         where org_id = $1 and dataset = $2 and period = $3 and revision = $4 and job_id = $5 and delivered_at is null
         returning schedule_id, revision, proof)
       update analytics.export_schedules s set failures = 0, failure = null
       from delivered d where s.schedule_id = d.schedule_id
       returning s.name, s.notify, s.failures, d.revision, d.proof`,
      [...keyOf(month), jobId, now],
    );
    const [told] = rows;
    if (told) await tell(client, { kind: 'month_closed', month, jobId, failure: null, at: now }, told);
  });
}

function recordFailure(
  pool: Pool,
  month: ClosedRevision,
  { jobId, failure, retryAt, now }: { jobId: string; failure: string; retryAt: Date; now: Date },
): Promise<void> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<ToldSchedule>(
      `with failed as (
         update analytics.closed_periods set job_id = null, job_tries = job_tries + 1, retry_at = $6
         where org_id = $1 and dataset = $2 and period = $3 and revision = $4 and job_id = $5
         returning schedule_id, revision, proof)
       update analytics.export_schedules s set failures = failures + 1, failure = $7
       from failed f where s.schedule_id = f.schedule_id
       returning s.name, s.notify, s.failures, f.revision, f.proof`,
      [...keyOf(month), jobId, retryAt, failure],
    );
    const [told] = rows;
    if (told?.failures === TOLD_FAILURE)
      await tell(client, { kind: 'month_failed', month, jobId, failure, at: now }, told);
  });
}

async function tell(
  client: PoolClient,
  event: { kind: MonthNoticeKind; month: ClosedRevision; jobId: string; failure: string | null; at: Date },
  { name, notify, failures, revision, proof }: ToldSchedule,
): Promise<void> {
  const { kind, month, jobId, failure, at } = event;
  await tellMonth(client, {
    ...{ orgId: month.orgId, kind, notify, at },
    month: {
      ...{ schedule: name, dataset: month.dataset, period: monthText(month.period.getTime()) },
      ...{ revision, rows: proof.rowCount, corrections: proof.corrections, jobId, failures, failure },
    },
  });
}
