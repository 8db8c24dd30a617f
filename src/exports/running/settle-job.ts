import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { MINUTE, SECOND } from '../../time.ts';
import type { ExportFailure } from '../failure.ts';
import type { Outcome } from '../jobs/job.ts';
import type { ExportFile } from '../writing/manifest.ts';
import { MOST_ATTEMPTS } from './claim-job.ts';
import { cancelled, IS_HELD, type Lease, leaseLost, leaseParameters } from './lease.ts';

/** What an attempt brought. */
export interface Finished {
  outcome: Outcome;
  files: readonly ExportFile[];
  outputUri: string;
  /** The host that holds the files, if they are on one. */
  heldBy: string | null;
}

/**
 * Records that a job succeeded: its files and its status in one transaction.
 * @param retention milliseconds that the files are kept
 * @throws {ExportFailure} `lease_lost` if another worker has the job now; `cancelled` if somebody cancelled it
 */
export async function recordSuccess(
  pool: Pool,
  lease: Lease,
  { outcome, files, outputUri, heldBy }: Finished,
  retention: number,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `update analytics.export_jobs
       set status = 'succeeded', leased_by = null, leased_until = null, completed_at = clock_timestamp(),
         expires_at = clock_timestamp() + $4 * interval '1 ms', outcome = $5, output_uri = $6, held_by = $7,
         checksum = decode($8, 'hex'), error = null, progress_rows = $9, progress_bytes = $10
       where ${IS_HELD} and not cancel_requested`,
      [
        ...leaseParameters(lease),
        retention,
        JSON.stringify(outcome),
        outputUri,
        heldBy,
        files[0]?.sha256,
        outcome.rowCount,
        files.reduce((sum, { bytes }) => sum + bytes, 0),
      ],
    );
    if (rowCount !== 1) throw (await isCancelled(client, lease)) ? cancelled() : leaseLost();
    await client.query(
      `insert into analytics.export_files (job_id, name, place, format, bytes, sha256, rows)
       select $1, f.name, f.place, f.format, f.bytes, decode(f.sha256, 'hex'), f.rows
       from jsonb_to_recordset($2::jsonb)
         as f (name text, place integer, format text, bytes bigint, sha256 text, rows bigint)`,
      [lease.jobId, JSON.stringify(files.map((file, place) => ({ ...file, place })))],
    );
  });
}

async function isCancelled(client: PoolClient, lease: Lease): Promise<boolean> {
  const { rows } = await client.query(
    `select from analytics.export_jobs where ${IS_HELD}`,
    leaseParameters(lease),
  );
  return rows.length === 1;
}

/** Milliseconds until a failed attempt is repeated; doubled after each. */
const FIRST_PAUSE = 5 * SECOND;
/** The same where a destination cannot be reached: that may take minutes. */
const FIRST_PAUSE_UNAVAILABLE = MINUTE;

/** @returns milliseconds */
function pauseAfter({ code }: ExportFailure, attempt: number): number {
  if (code === 'stopped') return 0;
  const first = code === 'delivery_unavailable' ? FIRST_PAUSE_UNAVAILABLE : FIRST_PAUSE;
  return first * 2 ** (attempt - 1);
}

/** What became of a job whose attempt failed. `succeeded`: its success had been recorded after all. */
type Settled = 'again' | 'ended' | 'lost' | 'succeeded';

/** Records that an attempt failed. A job is tried again if that may help and it was not tried often enough. */
export async function recordFailure(pool: Pool, lease: Lease, failure: ExportFailure): Promise<Settled> {
  // A restart is no fault of the export.
  const again = failure.code === 'stopped' || (failure.retryable && lease.attempt < MOST_ATTEMPTS);
  const status = again ? 'pending' : failure.code === 'cancelled' ? 'cancelled' : 'failed';
  const { rowCount } = await pool.query(
    `update analytics.export_jobs
     set status = $4, leased_by = null, leased_until = null, error = $5,
       not_before = clock_timestamp() + $6 * interval '1 ms',
       completed_at = case when $4 = 'pending' then null else clock_timestamp() end
     where ${IS_HELD}`,
    [
      ...leaseParameters(lease),
      status,
      status === 'cancelled' ? null : JSON.stringify({ code: failure.code, message: failure.message }),
      pauseAfter(failure, lease.attempt),
    ],
  );
  if (rowCount === 1) return again ? 'again' : 'ended';
  const { rows } = await pool.query(
    `select from analytics.export_jobs where job_id = $1 and attempt = $2 and status in ('succeeded', 'expired')`,
    [lease.jobId, lease.attempt],
  );
  return rows.length === 1 ? 'succeeded' : 'lost';
}
