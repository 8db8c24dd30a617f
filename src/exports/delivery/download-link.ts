import type { RecordAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import type { Queryable } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { readJob } from '../jobs/read-jobs.ts';
import { signLink } from './signed-link.ts';

export interface DownloadLinkOptions {
  pool: Queryable;
  audit: RecordAudit;
  linkKey(): Promise<Uint8Array>;
}

interface WantedFile {
  orgId: string;
  jobId: string;
  /** Without a name, the first file. */
  name: string | undefined;
}

/**
 * A link to a file of a job, signed now, as a path of this service. Each link is a line of the audit log.
 * @throws {CodedError} `not_found` while the job has no such file
 */
export async function downloadLink(
  { pool, audit, linkKey }: DownloadLinkOptions,
  { orgId, jobId, name }: WantedFile,
  { caller, now, ttl }: { caller: Caller; now: number; ttl: number },
): Promise<string> {
  const job = await readJob(pool, orgId, jobId);
  if (!job) throw new CodedError('not_found', `The org has no export ${jobId}.`);
  if (job.status !== 'succeeded') {
    throw new CodedError('not_found', `The export has no files to download: it is ${job.status}.`);
  }
  const file = name === undefined ? job.files[0] : job.files.find((one) => one.name === name);
  if (!file) {
    const names = job.files.map((one) => one.name).join(', ');
    throw new CodedError('not_found', `The export has no file ${name}; it has ${names}.`);
  }
  await audit({ ...caller, action: 'export.download', orgId, subject: jobId, after: { file: file.name } });
  return signLink(await linkKey(), { orgId, jobId, name: file.name }, { now, ttl });
}
