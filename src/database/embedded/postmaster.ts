/** Starts, finds and stops the first process of a PostgreSQL server: its postmaster. */
import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SECOND, sleep } from '../../time.ts';
import type { DatabaseLog } from '../log.ts';
import { type Account, spawnOptions } from './account.ts';
import { isAlive, isPostmasterOf, signal } from './process.ts';
import { openServerLog } from './server-log.ts';
import type { Settings } from './settings.ts';

export interface Postmaster {
  pid: number;
  port: number;
}

/**
 * The outcome of a start. `port_taken` means that another program uses the port. `cluster_busy` means that another
 * server, or processes of a dead one, hold the cluster.
 */
export type StartOutcome =
  | { kind: 'started'; postmaster: Postmaster }
  | { kind: 'failed'; reason: 'port_taken' | 'cluster_busy' | 'other'; logTail: string };

/** Reads the text of `postmaster.pid`: process id on line 1, port on line 4, state on line 8. */
export function parsePidFile(text: string): (Postmaster & { ready: boolean }) | undefined {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  const valid = Number.isInteger(pid) && pid > 0 && Number.isInteger(port) && port > 0;
  return valid ? { pid, port, ready: lines[7]?.trim() === 'ready' } : undefined;
}

async function readPidFile(directory: string) {
  return parsePidFile(await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => ''));
}

/** The port of the cluster's last server, from the command line that PostgreSQL keeps in a file. */
export async function lastPort(directory: string): Promise<number | undefined> {
  const commandLine = await readFile(join(directory, 'postmaster.opts'), 'utf8').catch(() => '');
  const port = /"port=(\d+)"/.exec(commandLine)?.[1];
  return port === undefined ? undefined : Number(port);
}

/**
 * The server that runs on the cluster, if any. Removes a pid file whose process is not its server. Otherwise PostgreSQL
 * would take any process of its account with that id for a server, and refuse to start.
 */
export async function findPostmaster(directory: string): Promise<Postmaster | undefined> {
  const found = await readPidFile(directory);
  if (!found || !isAlive(found.pid)) return undefined;
  if (await isPostmasterOf(found.pid, directory)) return found;
  await rm(join(directory, 'postmaster.pid'), { force: true });
  return undefined;
}

/**
 * Starts a server and waits until it is ready or has ended. After a crash it is ready once it has replayed its log. A
 * stop signal in the meantime stops the server, which would otherwise survive us.
 */
export async function startPostmaster(input: {
  postgres: string;
  directory: string;
  account: Account;
  settings: Settings;
  port: number;
  logFile: string;
  log: DatabaseLog;
  stopRequested?: AbortSignal | undefined;
}): Promise<StartOutcome> {
  const { directory, account, port, logFile, stopRequested } = input;
  const settings = Object.entries({ ...input.settings, port: String(port) });
  const args = ['-D', directory, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const output = await openServerLog(logFile, account);
  let end: string | undefined;
  try {
    const child = spawn(input.postgres, args, {
      ...spawnOptions(account),
      stdio: ['ignore', output.fd, output.fd],
    });
    child.unref();
    child.on('error', (error) => {
      end = error.message;
    });
    child.on('exit', (code, killer) => {
      end = `It ended with ${killer ?? code}.`;
    });
    for (let waited = 1; end === undefined; waited += 1) {
      const found = await readPidFile(directory);
      if (found?.pid === child.pid && found?.ready) return { kind: 'started', postmaster: found };
      if (stopRequested?.aborted && child.pid) await stopPostmaster({ pid: child.pid, port }, directory);
      if (waited % 200 === 0) input.log.info({ logFile }, 'the embedded PostgreSQL is still starting');
      await sleep(25);
    }
    const written = (await readFile(logFile)).subarray(output.start).toString();
    return { kind: 'failed', reason: failureReason(written), logTail: tail(`${written}\n${end}`) };
  } finally {
    await output.close();
  }
}

/** Why a server ended before it was ready, according to its log. */
export function failureReason(log: string): 'port_taken' | 'cluster_busy' | 'other' {
  if (/could not bind IPv4 address/.test(log)) return 'port_taken';
  return /lock file .* (already exists|is empty)|shared memory block/.test(log) ? 'cluster_busy' : 'other';
}

function tail(text: string) {
  return text.trim().split('\n').slice(-10).join('\n');
}

/** Stops a server and its sessions, and waits until it has ended. Signals get stronger if it does not. */
export async function stopPostmaster({ pid }: Postmaster, directory: string): Promise<void> {
  const steps = [
    { name: 'SIGINT', timeout: 60 * SECOND },
    { name: 'SIGQUIT', timeout: 10 * SECOND },
    { name: 'SIGKILL', timeout: 5 * SECOND },
  ] as const;
  for (const { name, timeout } of steps) {
    const deadline = Date.now() + timeout;
    if (await isPostmasterOf(pid, directory)) signal(pid, name);
    while (Date.now() < deadline) {
      if (!(await isPostmasterOf(pid, directory))) return;
      await sleep(20);
    }
  }
}
