import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { findFreePort } from '../../../src/database/embedded/free-port.ts';
import { SECOND, sleep } from '../../../src/time.ts';

/** Whether tests can have a Redis of their own here. */
export const hasRedisServer = spawnSync('redis-server', ['--version']).status === 0;

const PATIENCE = 30 * SECOND;

/** A Redis that keeps nothing on disk, and that a test may kill and start again at the same port. */
export interface RedisServer {
  readonly url: string;
  /** Resolves when it accepts connections. */
  start(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Stops answering while its connections stay open, or goes on. */
  freeze(frozen: boolean): void;
}

/** A place for a Redis. No Redis runs there yet. @param more options of `redis-server` */
export async function makeRedisServer(more: readonly string[] = []): Promise<RedisServer> {
  const port = await findFreePort();
  let child: ChildProcess | undefined;
  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...more];
      child = spawn('redis-server', options.map(String), { stdio: 'ignore', cwd: '/' });
      const until = performance.now() + PATIENCE;
      while (!(await answers(port))) {
        if (performance.now() > until) throw new Error('redis-server does not start');
        await sleep(20);
      }
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    freeze(frozen) {
      child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const end = (outcome: boolean) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('error', () => end(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (reply) => end(reply.toString().startsWith('+PONG')));
  });
}
