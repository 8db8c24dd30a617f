import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../src/database/embedded/free-port.ts';
import { SECOND, sleep } from '../../../src/time.ts';

/** Whether tests can have a PgBouncer here. */
export const hasPgbouncer = spawnSync('pgbouncer', ['--version']).status === 0;

const PATIENCE = 30 * SECOND;

export interface Pgbouncer {
  /** The URL of the same database through PgBouncer, for every user. */
  url: string;
  stop(): Promise<void>;
}

interface PgbouncerOptions {
  databaseUrl: string;
  /** Sessions with the server, which all clients share. */
  sessions: number;
}

/** Starts a PgBouncer in transaction mode in front of a database. */
export async function startPgbouncer({ databaseUrl, sessions }: PgbouncerOptions): Promise<Pgbouncer> {
  const server = new URL(databaseUrl);
  const port = await findFreePort();
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-pgbouncer-'));
  const file = join(folder, 'pgbouncer.ini');
  const database = server.pathname.slice(1);
  const target = [
    `host=${server.hostname}`,
    `port=${server.port || 5432}`,
    `dbname=${database}`,
    `user=${decodeURIComponent(server.username)}`,
    ...(server.password === '' ? [] : [`password=${decodeURIComponent(server.password)}`]),
  ];
  const settings = `[databases]
${database} = ${target.join(' ')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${sessions}
max_client_conn = 200
ignore_startup_parameters = options,statement_timeout
`;
  await writeFile(file, settings);
  await chmod(folder, 0o755);
  // PgBouncer refuses to run as root.
  const isRoot = process.getuid?.() === 0;
  const child = spawn('pgbouncer', [...(isRoot ? ['-u', 'nobody'] : []), file], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const until = performance.now() + PATIENCE;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > until) throw new Error('pgbouncer does not start');
    await sleep(20);
  }
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (outcome: boolean) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('error', () => end(false));
    socket.once('connect', () => end(true));
  });
}
