/**
 * Runs initdb for a user id without a name, as containers have it. initdb looks its own name up and refuses to go on
 * without one. The server does not ask.
 */
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { type Account, type CommandResult, parsePasswd, runAs } from './account.ts';

/** Runs a program as `runAs` does, in a user namespace where our user id is that of a named account, if it has no name. */
export async function runNamed(
  account: Account,
  program: string,
  args: readonly string[],
): Promise<CommandResult> {
  const borrowed = account === undefined && !hasName() ? await anyName() : undefined;
  if (borrowed === undefined) return runAs(account, program, args);
  const { uid, gid } = borrowed;
  const inNamespace = ['--user', `--map-user=${uid}`, `--map-group=${gid}`, '--', program, ...args];
  const result = await runAs(account, 'unshare', inNamespace);
  // Without unshare, or without leave to use it, the complaint of the program itself says more.
  return result.code === null || result.output.startsWith('unshare:')
    ? runAs(account, program, args)
    : result;
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

async function anyName(): Promise<Account> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return parsePasswd(passwd).find(({ uid }) => uid !== 0);
}

/** The output of a program that ended, with advice if it missed the name of its account. */
export function explain(output: string): string {
  if (!/could not look up effective user ID/.test(output)) return output;
  const uid = process.getuid?.() ?? 0;
  return (
    `${output}\n  Give the user id a name with a line in /etc/passwd, such as tidemark:x:${uid}:${process.getgid?.() ?? uid}::/:/bin/sh. ` +
    'Or start Tidemark as another user, or set DATABASE_URL.'
  );
}
