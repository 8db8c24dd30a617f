import { readdir } from 'node:fs/promises';
import type { Pool } from 'pg';
import type { Destinations } from '../delivery/destinations.ts';
import type { ExportRequest } from '../request.ts';

interface RemovalOptions {
  pool: Pool;
  destinations: Destinations;
  /** The folder of exports of this host. */
  exportDir: string;
}

/** Jobs of one round; the next round takes the rest. */
const TOGETHER = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Removes the files of exports that are past their time, and marks the jobs as expired. Then it removes the folders of
 * this host whose job has no files any more: each host holds files that only it can remove.
 */
export async function removeExpired(options: RemovalOptions): Promise<void> {
  const { pool, destinations } = options;
  const { rows } = await pool.query<{ job_id: string; request: ExportRequest }>(
    `select job_id, request from analytics.export_jobs
     where status = 'succeeded' and expires_at < clock_timestamp() order by expires_at limit ${TOGETHER}`,
  );
  for (const { job_id: jobId, request } of rows) {
    // Nobody gets a link to files that are being removed.
    await pool.query(`update analytics.export_jobs set status = 'expired' where job_id = $1`, [jobId]);
    const destination = destinations.of(request.delivery);
    if (request.delivery.type === 's3')
      await destination.removeFolder(destination.folderOfJob({ jobId, request }));
  }
  await removeFoldersOfHost(options);
}

async function removeFoldersOfHost({ pool, destinations, exportDir }: RemovalOptions): Promise<void> {
  const found = (await readdir(exportDir).catch(() => [])).filter((name) => UUID.test(name));
  if (found.length === 0) return;
  // A job is gone once its org is deleted.
  const { rows } = await pool.query<{ job_id: string }>(
    `select f.job_id from unnest($1::uuid[]) as f (job_id)
     left join analytics.export_jobs j using (job_id)
     where j.job_id is null or j.status in ('expired', 'failed', 'cancelled')`,
    [found],
  );
  const local = destinations.of({ type: 'local' });
  for (const { job_id: jobId } of rows) await local.removeFolder(jobId);
}
