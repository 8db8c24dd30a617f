import type { Pool } from 'pg';
import { createAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import { readJob } from './read-jobs.ts';

/**
 * Cancels a job. One that waits ends at once; the worker of one that is being written stops within seconds. A job that
 * has ended stays as it is.
 * @throws {CodedError} `not_found`; `conflict` if the job has ended otherwise
 */
export async function cancelExport(
  { pool, clock }: { pool: Pool; clock: Clock },
  { orgId, jobId }: { orgId: string; jobId: string },
  caller: Caller,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `update analytics.export_jobs
       set cancel_requested = true,
         status = case when status = 'pending' then 'cancelled' else status end,
         completed_at = case when status = 'pending' then clock_timestamp() end
       where org_id = $1 and job_id = $2 and status in ('pending', 'running') and not cancel_requested`,
      [orgId, jobId],
    );
    if (rowCount === 1) {
      await createAudit(client, clock)({ ...caller, action: 'export.cancel', orgId, subject: jobId });
      return;
    }
    const job = await readJob(client, orgId, jobId);
    if (!job) throw new CodedError('not_found', `The org has no export ${jobId}.`);
    if (job.status === 'cancelled' || job.status === 'running') return;
    throw new CodedError('conflict', `The export has ${job.status} already; there is nothing to cancel.`);
  });
}
