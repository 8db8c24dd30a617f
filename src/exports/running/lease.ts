import type { Queryable } from '../../database/pool.ts';
import { ExportFailure } from '../failure.ts';

/** The right of one worker to one attempt at a job. */
export interface Lease {
  jobId: string;
  workerId: string;
  attempt: number;
}

/** The condition that the job of a lease is still held: parameters $1 to $3. */
export const IS_HELD = `job_id = $1 and leased_by = $2 and attempt = $3 and status = 'running'`;

export function leaseParameters({ jobId, workerId, attempt }: Lease): unknown[] {
  return [jobId, workerId, attempt];
}

/**
 * Renews a lease, and records how far the work is.
 * @param length milliseconds
 * @throws {ExportFailure} `lease_lost` if another worker has the job now; `cancelled` if somebody cancelled it
 */
export async function renewLease(
  database: Queryable,
  lease: Lease,
  { length, rows, bytes }: { length: number; rows: number; bytes: number },
): Promise<void> {
  const { rows: found } = await database.query<{ cancel_requested: boolean }>(
    `update analytics.export_jobs
     set leased_until = clock_timestamp() + $4 * interval '1 ms', progress_rows = $5, progress_bytes = $6
     where ${IS_HELD} returning cancel_requested`,
    [...leaseParameters(lease), length, rows, bytes],
  );
  const [job] = found;
  if (!job) throw leaseLost();
  if (job.cancel_requested) throw cancelled();
}

export function leaseLost(): ExportFailure {
  return new ExportFailure('lease_lost', 'another worker has taken the job over', { retryable: false });
}

export function cancelled(): ExportFailure {
  return new ExportFailure('cancelled', 'somebody cancelled it', { retryable: false });
}
