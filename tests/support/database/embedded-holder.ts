/** Runs the embedded database in processes of its own, which can be killed, and inspects what they leave. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { isAlive } from '../../../src/database/embedded/process.ts';
import { sleep } from '../../../src/time.ts';

export interface Holder {
  pid: number;
  connectionString: string;
  location: string;
  adopted: boolean;
  /** Its log so far. */
  log(): string;
  /** Stops it in order. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

export interface HolderOptions {
  dataDir: string;
  mode: 'serve' | 'join';
  /** The checkout it runs from; this one by default. */
  checkout?: string;
  node?: string;
  uid?: number;
  gid?: number;
}

const thisCheckout = join(import.meta.dirname, '../../..');

/** Starts a process that opens the embedded database, without waiting for it. */
export function spawnHolder(options: HolderOptions): ChildProcess {
  const { dataDir, mode, checkout = thisCheckout, node = process.execPath, uid, gid } = options;
  const script = join(checkout, 'tests/support/database/hold-embedded.ts');
  return spawn(node, [script, dataDir, mode], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
}

/**
 * Starts a process that opens the embedded database, and resolves once it has.
 * @throws the error of opening, as text
 */
export async function holdEmbedded(options: HolderOptions): Promise<Holder> {
  const child = spawnHolder(options);
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const ended = once(child, 'exit');
  if (!child.stdout || !child.pid) throw new Error('The holder could not be started');
  const said = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line as string) as object),
    ended.then(() => ({ error: `The holder ended early: ${log}` })),
  ]);
  if ('error' in said) {
    await ended;
    throw new Error(String(said.error));
  }
  const end = (signal: NodeJS.Signals) => async () => {
    child.kill(signal);
    await ended;
  };
  return {
    ...(said as Pick<Holder, 'connectionString' | 'location' | 'adopted'>),
    pid: child.pid,
    log: () => log,
    stop: end('SIGTERM'),
    kill: end('SIGKILL'),
  };
}

/** The process id of the server of a cluster, by its pid file. */
export async function postmasterPid(location: string): Promise<number> {
  return Number.parseInt(await readFile(join(location, 'postmaster.pid'), 'utf8'), 10);
}

/** Resolves when the process has ended. */
export async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20);
}

/** Runs one statement on a connection of its own, and returns the first value of the first row. */
export async function ask(connectionString: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end().catch(() => {});
  }
}

/** `ask`, repeated until it succeeds, for a server that is coming back. */
export async function askUntilAnswered(connectionString: string, sql: string): Promise<unknown> {
  for (;;) {
    try {
      return await ask(connectionString, sql);
    } catch {
      await sleep(50);
    }
  }
}
