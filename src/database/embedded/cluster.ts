/**
 * Opens the cluster of a data directory: `DATA_DIR/postgres`, which is the cluster itself, or a link to it
 * where the account that runs PostgreSQL cannot reach DATA_DIR.
 */
import { lstat, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CodedError } from '../../errors.ts';
import { canEnter } from './account.ts';
import { type ClusterInput, createCluster, discardHalfMade, passwordFile } from './cluster-making.ts';

export interface Cluster {
  /** The real directory, links followed. */
  directory: string;
  password: string;
}

/**
 * The cluster of the data directory, made when there is none.
 *
 * @throws CodedError `unavailable` when it is of another PostgreSQL, is gone from where its link points, or
 *   cannot be reached by the account.
 */
export async function openCluster(input: ClusterInput): Promise<Cluster> {
  const place = join(input.dataDir, 'postgres');
  await discardHalfMade(input.dataDir, input.log);
  const there = await lstat(place).catch(() => undefined);
  if (!there) await createCluster(place, input);
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
      `The database in ${directory} is of PostgreSQL ${version}, and this is ${binaries.majorVersion}. ` +
        'Dump it with the Tidemark that made it and restore it into a new DATA_DIR.',
    );
  }
  if (!(await canEnter(account, directory))) {
    const name = account?.name ?? 'this user';
    throw new CodedError(
      'unavailable',
      `PostgreSQL is to run as ${name}, which cannot reach the database in ${directory}. ` +
        `Give the directory to it (chown -R ${name}), or open the directories above it.`,
    );
  }
  return { directory, password: (await read(passwordFile(directory))).trim() };
}
