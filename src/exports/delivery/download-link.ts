import type { RecordAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import type { Queryable } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { readJob } from '../jobs/read-jobs.ts';
import type { ExportFormat } from '../request.ts';
import { formats } from '../writing/formats.ts';
import { proofTypes } from '../writing/manifest.ts';
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
  /** A file of the job, its manifest or its checksums. Without a name, the first file. */
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
  const contentTypes = new Map([
    ...job.files.map((one) => [one.name, formats[one.format as ExportFormat].contentType] as const),
    ...Object.entries(proofTypes),
  ]);
  const wanted = name ?? job.files[0]?.name ?? '';
  const contentType = contentTypes.get(wanted);
  if (contentType === undefined) {
    const names = [...contentTypes.keys()].join(', ');
    throw new CodedError('not_found', `The export has no file ${name}; it has ${names}.`);
  }
  await audit({ ...caller, action: 'export.download', orgId, subject: jobId, after: { file: wanted } });
  const destination = destinations.of(job.request.delivery);
  if (destination.link) {
    const path = `${folderOf(destination, job)}/${wanted}`;
    return destination.link(path, { name: wanted, contentType }, ttl);
  }
  return signLink(await linkKey(), { orgId, jobId, name: wanted }, { now, ttl });
}
