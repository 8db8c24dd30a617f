import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { Pool } from 'pg';
import { CodedError } from '../../errors.ts';
import type { ExportFormat } from '../request.ts';
import { formats } from '../writing/formats.ts';
import { proofTypes } from '../writing/manifest.ts';
import type { LinkedFile } from './signed-link.ts';

/** A stored file that is about to be read. */
export interface StoredFile {
  name: string;
  contentType: string;
  bytes: number;
  sha256: Buffer;
  /** Its rows and those that matched, if it does not have all. */
  truncated: { rows: number; matched: number } | null;
  /** Reads `[start, end)`. It closes the file at its end. */
  read(start: number, end: number): Readable;
  /** Gives the file up without reading it. */
  close(): Promise<void>;
}

/** The columns of the file are null if the job has none of that name. */
interface FileRow {
  attempt: number;
  format: ExportFormat | null;
  bytes: number;
  sha256: Buffer;
  held_by: string | null;
  rows: number;
  matched: number;
}

/**
 * Opens a file of this host.
 * @param folder the folder of exports
 * @throws {CodedError} `not_found` if there is no such file, or no longer; `unavailable` if another host holds it
 */
export async function openStoredFile(
  pool: Pool,
  folder: string,
  { orgId, jobId, name }: LinkedFile,
): Promise<StoredFile> {
  const { rows } = await pool.query<FileRow>(
    `select j.attempt, f.format, f.bytes, f.sha256, j.held_by, f.rows,
       (j.outcome->>'rowsMatched')::bigint as matched
     from analytics.export_jobs j
     left join analytics.export_files f on f.job_id = j.job_id and f.name = $3
     where j.org_id = $1 and j.job_id = $2 and j.status = 'succeeded'`,
    [orgId, jobId, name],
  );
  const [row] = rows;
  const contentType = row?.format ? formats[row.format].contentType : proofTypes[name];
  if (!row || contentType === undefined)
    throw new CodedError('not_found', 'There is no such file, or it is no longer kept.');
  const { attempt, held_by: heldBy, format, rows: written, matched } = row;
  const handle = await openOrExplain(join(resolve(folder), jobId, String(attempt), name), heldBy);
  const { bytes, sha256 } = format === null ? await summaryOf(handle) : row;
  return {
    ...{ name, contentType, bytes, sha256 },
    truncated: format !== null && matched > written ? { rows: written, matched } : null,
    read: (start, end) => handle.createReadStream({ start, end: end - 1, highWaterMark: 256 * 1024 }),
    close: () => handle.close(),
  };
}

/** A manifest and checksums are small, and nobody has recorded their own. */
async function summaryOf(handle: FileHandle): Promise<{ bytes: number; sha256: Buffer }> {
  const { size } = await handle.stat();
  const { buffer } = await handle.read({ buffer: Buffer.alloc(size), position: 0 });
  return { bytes: size, sha256: createHash('sha256').update(buffer).digest() };
}

async function openOrExplain(path: string, heldBy: string | null): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (heldBy !== null && heldBy !== hostname()) {
      const message = `The host ${heldBy} holds this file, and this is ${hostname()}. Download it there, or deliver to S3.`;
      throw new CodedError('unavailable', message, { cause: error });
    }
    throw new CodedError('not_found', 'The file is no longer in the export folder.', { cause: error });
  }
}
