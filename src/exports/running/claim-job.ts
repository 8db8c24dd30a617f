import type { Pool } from 'pg';
import { LOCK_SPACE, lockNumbers } from '../../database/advisory-locks.ts';
import { withTransaction } from '../../database/pool.ts';
import type { ExportRequest } from '../request.ts';

/** A job that its worker has died with so often is given up. */
export const MOST_ATTEMPTS = 3;

/** A job that this worker holds. */
export interface ClaimedJob {
  jobId: string;
  orgId: string;
  request: ExportRequest;
  period: string | null;
  /** 1 at the first attempt. */
  attempt: number;
}

interface ClaimTerms {
  workerId: string;
  /** Milliseconds until another worker may take the job over. */
  lease: number;
  /** Jobs of one org that may be at work at the same time, in all processes. */
  mostOfOrg: number;
}

/** Jobs of workers that have died: cancelled ones end, and so do those that were tried often enough. */
const END_LOST = `
  update analytics.export_jobs
  set status = case when cancel_requested then 'cancelled' else 'failed' end,
    leased_by = null, leased_until = null, completed_at = clock_timestamp(),
    error = case when not cancel_requested then $1::jsonb end
  where status = 'running' and leased_until < clock_timestamp() and (cancel_requested or attempt >= $2)`;
const WORKER_LOST = {
  code: 'worker_lost',
  message: `the worker was lost ${MOST_ATTEMPTS} times while it wrote the export`,
} as const;

/** The oldest job of the org with the fewest jobs at work. */
const NEXT = `
  select job_id from (
    select j.job_id, j.created_at,
      coalesce(b.busy, 0) + row_number() over (partition by j.org_id order by j.created_at, j.job_id) as turn
    from analytics.export_jobs j
    left join (
      select org_id, count(*) as busy from analytics.export_jobs
      where status = 'running' and leased_until >= clock_timestamp() group by org_id
    ) as b using (org_id)
    where j.status = 'pending' and j.not_before <= clock_timestamp()
      or j.status = 'running' and j.leased_until < clock_timestamp()
  ) as due
  where turn <= $1
  order by turn, created_at, job_id
  limit 1`;

/**
 * Claims the next job: one that waits, or one whose worker has died. The claim is committed, so that every process sees
 * it, and it ends by itself unless the worker renews it.
 */
export async function claimJob(pool: Pool, terms: ClaimTerms): Promise<ClaimedJob | undefined> {
  return withTransaction(pool, async (client) => {
    // One claim at a time, so that two workers do not count the same jobs of an org.
    await client.query('select pg_advisory_xact_lock($1, $2)', [LOCK_SPACE, lockNumbers.exportClaim]);
    await client.query(END_LOST, [JSON.stringify(WORKER_LOST), MOST_ATTEMPTS]);
    const { rows } = await client.query<ClaimedRow>(
      `update analytics.export_jobs j
       set status = 'running', leased_by = $2, leased_until = clock_timestamp() + $3 * interval '1 ms',
         attempt = attempt + 1, progress_rows = 0, progress_bytes = 0
       from (${NEXT}) as next
       where j.job_id = next.job_id
       returning j.job_id, j.org_id, j.request, j.period, j.attempt`,
      [terms.mostOfOrg, terms.workerId, terms.lease],
    );
    const [row] = rows;
    return (
      row && {
        jobId: row.job_id,
        orgId: row.org_id,
        request: row.request,
        period: row.period,
        attempt: row.attempt,
      }
    );
  });
}

interface ClaimedRow {
  job_id: string;
  org_id: string;
  request: ExportRequest;
  period: string | null;
  attempt: number;
}
