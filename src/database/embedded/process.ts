/** Inspects and ends the PostgreSQL processes of a cluster by id. They need not be our children. */
import { readFile, readlink } from 'node:fs/promises';
import { type Account, runAs } from './account.ts';

/** Whether a process with this id exists, whoever owns it. A zombie counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether the process is the postmaster of that cluster, and not an unrelated process with a reused id. It checks the
 * command line, which everybody may read. It also checks the working directory, which is right even after a rename, but
 * hidden from a container's root.
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
 * Ends the sessions of a server whose postmaster was killed, and returns their ids. Idle sessions end by themselves. A
 * session in a long computation does not notice, and holds the memory that the next server needs. Without /proc this
 * does nothing.
 */
export async function quitOrphans(directory: string, account: Account): Promise<number[]> {
  // Runs as the account, which may see the working directories of its processes; a container's root may not.
  const list = ['-c', 'exec ls -ld /proc/[0-9]*/cwd 2>/dev/null'];
  const { output } = await runAs(account, '/bin/sh', list);
  const orphans: number[] = [];
  for (const line of output.split('\n')) {
    const [, pid, place] = /\/proc\/(\d+)\/cwd -> (.*)$/.exec(line) ?? [];
    if (!pid || place !== directory) continue;
    const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]);
    // Skips other programs, and sessions of a server that somebody has just started.
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
