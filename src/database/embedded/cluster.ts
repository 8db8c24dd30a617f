/**
 * Opens the cluster of a data directory. `DATA_DIR/postgres` is the cluster itself, or a link to it if the account of
 * PostgreSQL cannot reach DATA_DIR.
 */
import { lstat, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CodedError } from '../../errors.ts';
import { canEnter } from './account.ts';
import { type ClusterInput, createCluster, discardHalfMade, passwordFile } from './create-cluster.ts';

export interface Cluster {
  /** The real directory, with links resolved. */
  directory: string;
  password: string;
}

/**
 * Opens the cluster of the data directory, or creates it.
 *
 * @throws CodedError `unavailable` when it belongs to another version of PostgreSQL, when the target of its link is
 *   gone, or when the account cannot reach it.
 */
export async function openCluster(input: ClusterInput): Promise<Cluster> {
  const place = join(input.dataDir, 'postgres');
  await discardHalfMade(input.dataDir, input.log);
  const existing = await lstat(place).catch(() => undefined);
  if (!existing) await createCluster(place, input);
  return readCluster(place, input);
}

async function readCluster(place: string, { account, binaries }: ClusterInput): Promise<Cluster> {
  const directory = await realpath(place).catch(async () => {
    throw new CodedError(
      'unavailable',
      `The database of ${dirname(place)} was in ${await readlink(place)}, which is gone. ` +
        `Put it back, or remove ${place} to start with an empty one.`,
    );
  });
  const read = (file: string) =>
    readFile(file, 'utf8').catch((cause: Error) => {
      throw new CodedError(
        'unavailable',
        `The database in ${directory} cannot be read (${cause.message}). Start Tidemark as the user that owns it.`,
        { cause },
      );
    });
  const version = (await read(join(directory, 'PG_VERSION'))).trim();
  if (version !== binaries.majorVersion) {
    throw new CodedError(
      'unavailable',
      `The database in ${directory} is of PostgreSQL ${version}, but this is ${binaries.majorVersion}. ` +
        'Dump it with the Tidemark that created it, and restore it into a new DATA_DIR.',
    );
  }
  if (!(await canEnter(account, directory))) {
    const name = account?.name ?? 'this user';
    throw new CodedError(
      'unavailable',
      `PostgreSQL runs as ${name}, which cannot reach the database in ${directory}. ` +
        `Change the owner (chown -R ${name}), or make the parent directories accessible.`,
    );
  }
  return { directory, password: (await read(passwordFile(directory))).trim() };
}
