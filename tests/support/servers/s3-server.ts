import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../src/database/embedded/free-port.ts';
import { SECOND, sleep } from '../../../src/time.ts';

const program = createRequire(import.meta.url).resolve('s3rver/bin/s3rver.js');
const PATIENCE = 30 * SECOND;

/** A server with the API of S3 (s3rver) and a bucket `exports`, which a test may kill and start again. */
export interface S3Server {
  readonly url: string;
  /** The settings of the service for it. */
  readonly env: Record<string, string>;
  start(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Kills it, and removes its objects. */
  remove(): Promise<void>;
}

/** A place for such a server. None runs there yet. */
export async function makeS3Server(): Promise<S3Server> {
  const port = await findFreePort();
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-s3-'));
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return {
    url,
    env: {
      ...{ S3_ENDPOINT: url, S3_BUCKET: 'exports', S3_FORCE_PATH_STYLE: 'on' },
      // The only account of s3rver.
      ...{ S3_ACCESS_KEY: 'S3RVER', S3_SECRET_KEY: 'S3RVER' },
    },
    async start() {
      const options = [
        '-d',
        folder,
        '-a',
        '127.0.0.1',
        '-p',
        String(port),
        '--silent',
        '--configure-bucket',
        'exports',
      ];
      child = spawn(process.execPath, [program, ...options], { stdio: 'ignore' });
      const until = performance.now() + PATIENCE;
      while (!(await fetch(url).catch(() => undefined))) {
        if (performance.now() > until) throw new Error('s3rver does not start');
        await sleep(50);
      }
    },
    kill,
    async remove() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
