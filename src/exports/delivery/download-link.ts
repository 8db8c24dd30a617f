import type { RecordAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import type { Queryable } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { readJob } from '../jobs/read-jobs.ts';
import type { ExportFormat } from '../request.ts';
import { formats } from '../writing/formats.ts';
import { folderOf } from './destination.ts';
import type { Destinations } from './destinations.ts';
import { signLink } from './signed-link.ts';

export interface DownloadLinkOptions {
  pool: Queryable;
  audit: RecordAudit;
  linkKey(): Promise<Uint8Array>;
  destinations: Destinations;
}

interface WantedFile {
  orgId: string;
  jobId: string;
  /** Without a name, the first file. */
  name: string | undefined;
}

/**
 * A link to a file of a job, signed now: of the bucket, or a path of this service. Each link is a line of the audit log.
 * @throws {CodedError} `not_found` while the job has no such file
 */
export async function downloadLink(
  { pool, audit, linkKey, destinations }: DownloadLinkOptions,
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
  const destination = destinations.of(job.request.delivery);
  if (destination.link) {
    const { contentType } = formats[file.format as ExportFormat];
    const path = `${folderOf(destination, job)}/${file.name}`;
    return destination.link(path, { name: file.name, contentType }, ttl);
  }
  return signLink(await linkKey(), { orgId, jobId, name: file.name }, { now, ttl });
}
