import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { makeDirectory } from '../../make-directory.ts';
import { ExportFailure } from '../failure.ts';
import type { Destination, Upload } from './destination.ts';

/** Codes of a file system that has no room or refuses. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Files in a folder of this host. Each is written as `.part`, synced, and renamed. */
export function localDestination(folder: string): Destination {
  const root = resolve(folder);
  const at = (path: string) => join(root, path);
  return {
    folderOfJob: ({ jobId }) => jobId,
    create: (path) => failingClearly(root, () => createFile(root, at(path))),
    removeFolder: (path) => rm(at(path), { recursive: true, force: true }),
    uriOf: (path) => pathToFileURL(`${at(path)}/`).href,
  };
}

async function createFile(root: string, path: string): Promise<Upload> {
  await makeDirectory(dirname(path));
  const part = `${path}.part`;
  const file = await open(part, 'w');
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await file.close();
  };
  return {
    stream: streamTo(file, root),
    finish: () =>
      failingClearly(root, async () => {
        await file.sync();
        await close();
        await rename(part, path);
        await syncFolder(dirname(path));
      }),
    discard: async () => {
      await close().catch(() => {});
      await rm(part, { force: true }).catch(() => {});
    },
  };
}

/** Writes to a file that stays open: it is synced before it is closed. */
function streamTo(file: FileHandle, root: string): Writable {
  return new Writable({
    highWaterMark: 1 << 20,
    write(chunk: Buffer, _encoding, done) {
      failingClearly(root, () => writeAll(file, chunk)).then(() => done(), done);
    },
  });
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
}

/** A new name survives a loss of power once its folder is synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

/** @throws {ExportFailure} for what an operator can mend */
async function failingClearly<T>(root: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (FULL.has(code)) {
      const message = `the disk of the export folder ${root} is full (${code}); free some space`;
      throw new ExportFailure('disk_full', message, { retryable: true, cause: error });
    }
    if (REFUSED.has(code)) {
      const message = `the service may not write to the export folder ${root} (${code})`;
      throw new ExportFailure('delivery_refused', message, { retryable: true, cause: error });
    }
    throw error;
  }
}
