import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CodedError } from './errors.ts';

/**
 * Creates a directory, and those above it that are missing. It does not use the recursive `mkdir` of Node, which tries for
 * ever where nothing can be created, such as in `/proc`.
 * @throws {NodeJS.ErrnoException} when the directory cannot be created
 */
export async function makeDirectory(directory: string): Promise<void> {
  const path = resolve(directory);
  const first = await tryToMake(path);
  if (first !== 'ENOENT' || dirname(path) === path) return;
  await makeDirectory(dirname(path));
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    // Another process has made it meanwhile.
    if (error.code !== 'EEXIST') throw error;
  });
}

async function tryToMake(path: string): Promise<'ENOENT' | undefined> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return code;
    if (code === 'EEXIST') return undefined;
    throw error;
  }
  return undefined;
}

/**
 * Creates the data directory.
 * @throws {CodedError} `unavailable` when it cannot be created
 */
export async function makeDataDirectory(dataDir: string): Promise<void> {
  try {
    await makeDirectory(dataDir);
  } catch (error) {
    const reason = (error as Error).message;
    throw new CodedError(
      'unavailable',
      `DATA_DIR ${dataDir} cannot be created (${reason}). Set it to a directory that this account may write to.`,
    );
  }
}
