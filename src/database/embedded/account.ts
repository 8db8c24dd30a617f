/**
 * Chooses the operating-system account of the embedded PostgreSQL. PostgreSQL refuses to run as root, so root runs it as
 * another account. All other users run it as themselves.
 */
import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { CodedError } from '../../errors.ts';

/** User and group id for `spawn`; `undefined` is our own account. */
export type Account = { uid: number; gid: number; name: string } | undefined;

export interface CommandResult {
  /** Exit code; `null` if a signal ended the program, or it could not be started. */
  code: number | null;
  output: string;
}

/** The lines of a passwd file, as accounts. */
export function parsePasswd(text: string): NonNullable<Account>[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid && !name.startsWith('#') ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/**
 * The account that root runs PostgreSQL as: the owner of the existing cluster, else the owner of the checkout, else
 * `postgres`, else `nobody`. Root never qualifies. Neither does an account without a passwd entry, because initdb looks
 * its own name up.
 *
 * @throws CodedError `unavailable` when root finds no other account.
 */
export function pickAccount(
  accounts: readonly NonNullable<Account>[],
  owners: { cluster?: number | undefined; checkout?: number | undefined },
): NonNullable<Account> {
  const byUid = (uid: number | undefined) => accounts.find((account) => uid && account.uid === uid);
  const byName = (name: string) => accounts.find((account) => account.name === name && account.uid !== 0);
  const account = byUid(owners.cluster) ?? byUid(owners.checkout) ?? byName('postgres') ?? byName('nobody');
  if (account) return account;
  throw new CodedError(
    'unavailable',
    'PostgreSQL refuses to run as root, and this system has no other account for it. ' +
      'Start Tidemark as an ordinary user, or set DATABASE_URL.',
  );
}

/** The account for this process, see `pickAccount`; `undefined` when we are not root. */
export async function chooseAccount(places: { cluster: string; checkout: string }): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  const ownerOf = (path: string) =>
    stat(path).then(
      (found) => found.uid,
      () => undefined,
    );
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return pickAccount(parsePasswd(passwd), {
    cluster: await ownerOf(places.cluster),
    checkout: await ownerOf(places.checkout),
  });
}

/**
 * Options to start a process as the account. The process is outside our session, so that Ctrl-C in the terminal reaches
 * only us, and in a directory that every account can reach. Node drops supplementary groups when it changes the uid.
 */
export function spawnOptions(account: Account) {
  return {
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...(account && { uid: account.uid, gid: account.gid }),
  };
}

/** Runs a program to its end as the account. Never rejects. */
export function runAs(account: Account, program: string, args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...spawnOptions(account), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output: output.trim() }));
  });
}

/** Whether the account can enter the directory. Tries it, because permissions of all parents count. */
export async function canEnter(account: Account, directory: string): Promise<boolean> {
  const { code } = await runAs(account, '/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory]);
  return code === 0;
}
