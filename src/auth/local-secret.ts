import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDataDirectory } from '../make-directory.ts';

const FILE = 'jwt-secret';

/**
 * The token secret of a data directory, generated at the first call. Only its owner may read it. Processes that start at
 * the same time get the same secret.
 */
export async function localSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, FILE);
  await makeDataDirectory(dataDir);
  const mine = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const existing = await readSecret(path);
  if (existing !== undefined) return existing;
  try {
    await writeFile(mine, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
    // A link is created atomically, and never replaces the secret of a process that was first.
    await link(mine, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(mine, { force: true });
  }
  const made = await readSecret(path);
  if (made === undefined) throw new Error(`${path} could not be created`);
  return made;
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    const secret = (await readFile(path, 'utf8')).trim();
    if (secret.length < 32)
      throw new Error(`${path} holds less than 32 characters; remove the file to generate a secret`);
    await chmod(path, 0o600);
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
