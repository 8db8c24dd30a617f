import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { useDatabase } from '../support/database/database.ts';

const database = useDatabase();
const checkout = join(import.meta.dirname, '../..');

/**
 * Runs the command, sends SIGTERM to its process alone once the service is ready, and returns all output. The output is
 * complete only when the service has ended too, because the service has inherited the pipe.
 */
async function outputUntilStopped([program = '', ...args]: readonly string[]): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-stop-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const child = spawn(program, args, {
    cwd: checkout,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      HTTP_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (piece: Buffer) => {
    if (!output.includes('is ready') && (output + piece).includes('is ready')) child.kill('SIGTERM');
    output += piece;
  });
  await once(child, 'close');
  return output;
}

test.each([
  ['npm start', ['npm', 'start']],
  ['npm run tidemark', ['npm', 'run', 'tidemark', '--', 'start']],
  ['npx tidemark start', ['npx', '--no', 'tidemark', 'start']],
])('SIGTERM to %s alone stops the service', async (_name, command) => {
  expect(await outputUntilStopped(command)).toContain('stopping: finishing accepted requests and events');
});
