/**
 * Creates the cluster of a data directory. It is created under another name and renamed when it is complete, so that an
 * existing cluster is always complete.
 */
import { randomBytes } from 'node:crypto';
import {
  chown,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../errors.ts';
import { MINUTE, SECOND } from '../../time.ts';
import type { DatabaseLog } from '../log.ts';
import { type Account, canEnter } from './account.ts';
import type { Binaries } from './binaries.ts';
import { explain, runNamed } from './named-account.ts';
import { isAlive } from './process.ts';
import { isInSharedDirectory, sharedDirectory } from './shared-directory.ts';

/** Name of the superuser, and of the database that Tidemark uses. */
export const OWNER = 'tidemark';

/** Everything needed to open or create a cluster. */
export interface ClusterInput {
  dataDir: string;
  account: Account;
  binaries: Binaries;
  log: DatabaseLog;
}

/** Creating a cluster takes a second. An unfinished one that is older than this is left over. */
const MAKING_LIMIT = 10 * MINUTE;

/** The file with the password of a cluster's superuser. */
export function passwordFile(directory: string): string {
  return join(directory, 'tidemark.password');
}

/**
 * Creates a cluster at `place`, or elsewhere with a link at `place` if the account cannot reach the data directory.
 *
 * @throws CodedError `unavailable` with the output of initdb when that fails.
 */
export async function createCluster(place: string, input: ClusterInput): Promise<void> {
  const { dataDir, account, binaries, log } = input;
  const half = `${place}.new-${process.pid}-${randomName()}`;
  const reachable = await canEnter(account, dataDir);
  // The name is random, so that a start after the removal of DATA_DIR does not find the old data.
  const directory = reachable ? half : join(await sharedDirectory(), `postgres-${randomName()}`);
  if (!reachable) await symlink(directory, half);
  await mkdir(directory, { mode: 0o700 });
  if (account) await chown(directory, account.uid, account.gid);
  await initialise(directory, account, binaries);

  try {
    // Neither call replaces an existing cluster: if another start was faster, its cluster is used.
    if (reachable) await rename(half, place);
    else await symlink(directory, place);
  } catch (error) {
    if (!(await exists(place))) throw error;
    await rm(directory, { recursive: true, force: true });
  }
  if (!reachable) {
    await unlink(half);
    const details = { dataDir, location: directory, account: account?.name };
    if (directory.startsWith(tmpdir())) {
      log.warn(
        details,
        'PostgreSQL cannot reach DATA_DIR; its data is in a temporary directory, which the system may clear',
      );
    } else {
      log.info(details, 'PostgreSQL cannot reach DATA_DIR; its data is in another directory');
    }
  }
  await syncDirectory(dataDir);
}

async function initialise(directory: string, account: Account, binaries: Binaries): Promise<void> {
  const password = randomBytes(24).toString('base64url');
  // initdb needs an empty directory, so the password file is first beside it.
  const secret = `${directory}.password`;
  await writeFile(secret, `${password}\n`, { mode: 0o600 });
  if (account) await chown(secret, account.uid, account.gid);
  try {
    const { code, output } = await runNamed(account, binaries.initdb, [
      `--pgdata=${directory}`,
      `--username=${OWNER}`,
      `--pwfile=${secret}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ]);
    if (code !== 0)
      throw new CodedError('unavailable', `The embedded PostgreSQL could not be set up: ${explain(output)}`);
    await rename(secret, passwordFile(directory));
  } catch (error) {
    await rm(secret, { force: true });
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Removes unfinished clusters of starts that were killed. */
export async function discardHalfMade(dataDir: string, log: DatabaseLog): Promise<void> {
  const finished = await realpath(join(dataDir, 'postgres')).catch(() => undefined);
  for (const name of await readdir(dataDir)) {
    const pid = Number(/^postgres\.new-(\d+)-/.exec(name)?.[1]);
    const path = join(dataDir, name);
    if (!pid || (await isBeingMade(path, pid))) continue;
    const target = await readlink(path).catch(() => path);
    try {
      if (target !== finished && (target === path || isInSharedDirectory(target))) {
        await rm(target, { recursive: true, force: true, maxRetries: 5 });
        await rm(`${target}.password`, { force: true });
      }
      await rm(path, { recursive: true, force: true });
      log.info({ path }, 'discarded an unfinished database');
    } catch (error) {
      log.warn({ path, error: String(error) }, 'could not discard an unfinished database');
    }
  }
}

/** Whether the process that began the cluster still works on it. A later process may have the same id. */
async function isBeingMade(path: string, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const { birthtimeMs } = await lstat(path);
  const oldest = pid === process.pid ? process.uptime() * SECOND : MAKING_LIMIT;
  return birthtimeMs > Date.now() - oldest;
}

function randomName() {
  return randomBytes(8).toString('hex');
}

function exists(path: string) {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
