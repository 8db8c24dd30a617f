import type { Queryable } from '../../database/pool.ts';
import type { ExportRequest } from '../request.ts';
import type { ExportFile } from '../writing/manifest.ts';
import type { ExportJob, JobStatus, Outcome } from './job.ts';

interface JobRow {
  job_id: string;
  status: JobStatus;
  request: ExportRequest;
  created_at: Date;
  initiated_by: string;
  schedule_id: string | null;
  period: string | null;
  attempt: number;
  progress_rows: number;
  progress_bytes: number;
  completed_at: Date | null;
  expires_at: Date | null;
  output_uri: string | null;
  checksum: Buffer | null;
  error: ExportJob['error'];
  outcome: Outcome | null;
  files: ExportFile[];
}

const SELECT = `
  select job_id, status, request, created_at, initiated_by, schedule_id, period, attempt, progress_rows, progress_bytes,
    completed_at, expires_at, output_uri, checksum, error, outcome,
    coalesce((
      select json_agg(json_build_object('name', f.name, 'format', f.format, 'bytes', f.bytes, 'rows', f.rows,
        'sha256', encode(f.sha256, 'hex')) order by f.place)
      from analytics.export_files f where f.job_id = j.job_id
    ), '[]') as files
  from analytics.export_jobs j`;

export interface JobsWanted {
  orgId: string;
  status?: JobStatus | undefined;
  /** The job before the page; without it, the page is the first. */
  after?: { createdAt: string; jobId: string } | undefined;
  limit: number;
}

/** The jobs of an org, newest first. */
export async function listJobs(database: Queryable, wanted: JobsWanted): Promise<ExportJob[]> {
  const { orgId, status, after, limit } = wanted;
  const { rows } = await database.query<JobRow>(
    `${SELECT}
     where org_id = $1 and ($2::text is null or status = $2)
       and ($3::timestamptz is null or (created_at, job_id) < ($3, $4::uuid))
     order by created_at desc, job_id desc limit $5`,
    [orgId, status ?? null, after?.createdAt ?? null, after?.jobId ?? null, limit],
  );
  return rows.map(jobOf);
}

/** One job of an org; `undefined` if it has no such job. */
export async function readJob(
  database: Queryable,
  orgId: string,
  jobId: string,
): Promise<ExportJob | undefined> {
  const { rows } = await database.query<JobRow>(`${SELECT} where org_id = $1 and job_id = $2`, [
    orgId,
    jobId,
  ]);
  return rows[0] && jobOf(rows[0]);
}

function jobOf(row: JobRow): ExportJob {
  return {
    jobId: row.job_id,
    status: row.status,
    request: row.request,
    createdAt: row.created_at,
    initiatedBy: row.initiated_by,
    scheduleId: row.schedule_id,
    period: row.period,
    attempt: row.attempt,
    progress: { rows: row.progress_rows, bytes: row.progress_bytes },
    completedAt: row.completed_at,
    expiresAt: row.expires_at,
    outputUri: row.output_uri,
    checksum: row.checksum?.toString('hex') ?? null,
    error: row.error,
    outcome: row.outcome,
    files: row.files,
  };
}
