/** Looks at the PostgreSQL processes of a cluster, which may not be our children, by their ids. */
import { readFile, readlink } from 'node:fs/promises';
import { type Account, runAs } from './account.ts';

/** Whether a process of that id exists, whoever owns it; one that is dead but not yet buried counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether the process is the first of a server of that cluster, and not a stranger that was given a dead
 * one's id: by its command line, which everybody may read, or by where it works, which tells even when the
 * directory was renamed but which a container's root may not see.
 */
export async function isPostmasterOf(pid: number, directory: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === 'linux') {
    const [program = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split(
      '\0',
    );
    if (!/(^|\/)postgres$/.test(program)) return false;
    return args.includes(directory) || (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === directory;
  }
  const { output } = await runAs(undefined, '/bin/ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
  return output.includes(`postgres -D ${directory} `);
}

/**
 * Ends the sessions of a server whose first process was killed, and returns their ids. Idle ones end by
 * themselves; one in the middle of a long computation does not notice, and holds the memory that the next
 * server needs. Does nothing where there is no /proc.
 */
export async function quitOrphans(directory: string, account: Account): Promise<number[]> {
  // Asked as the account: it may see where its processes work, and a container's root may not.
  const list = ['-c', 'exec ls -ld /proc/[0-9]*/cwd 2>/dev/null'];
  const { output } = await runAs(account, '/bin/sh', list);
  const orphans: number[] = [];
  for (const line of output.split('\n')) {
    const [, pid, place] = /\/proc\/(\d+)\/cwd -> (.*)$/.exec(line) ?? [];
    if (!pid || place !== directory) continue;
    const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]);
    // A session names itself so; its server may be one that somebody has started just now.
    if (!title.startsWith('postgres: ') || (await isPostmasterOf(parent, directory))) continue;
    signal(Number(pid), 'SIGQUIT');
    orphans.push(Number(pid));
  }
  return orphans;
}

/** Sends the signal, unless the process has just ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
