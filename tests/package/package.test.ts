/** The npm package, as an operator gets it: packed, installed in an empty folder, started with the machine's own Node. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MINUTE } from '../../src/time.ts';
import { useDirectories } from '../support/database/data-directory.ts';
import { makeUsage } from '../support/events/fixtures.ts';

const checkout = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const newDirectory = useDirectories();

/** Without the programs of the checkout, such as its Node. */
const PATH = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .join(delimiter);

let folder: string;
let env: Record<string, string>;

/** Runs `npx tidemark` in the folder, and returns what it prints. */
async function tidemark(...args: string[]): Promise<string> {
  const { stdout } = await run('npx', ['--no', 'tidemark', ...args], { cwd: folder, env });
  return stdout.trim();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-package-'));
  env = { PATH, HOME: process.env.HOME ?? folder, HTTP_PORT: '0', DATA_DIR: await newDirectory() };
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: checkout });
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', [...install, stdout.trim().split('\n').at(-1) ?? ''], { cwd: folder, env });
}, 10 * MINUTE);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The address of the service, once it is ready. */
async function addressOf(service: ChildProcess): Promise<string> {
  let output = '';
  for await (const piece of service.stdout ?? []) {
    output += piece;
    const address = /"address":"([^"]+)".*"msg":"Tidemark is ready"/.exec(output)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`The service ended before it was ready:\n${output}`);
}

test('the package starts in an empty folder, takes an event and answers, and stops', async () => {
  const service = spawn('npx', ['--no', 'tidemark', 'start'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(service, 'close');
  try {
    const origin = await addressOf(service);
    const authorization = `Bearer ${await tidemark('token')}`;
    const sent = await fetch(`${origin}/analytics/v1/events`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(makeUsage({ orgId: 'acme', occurredAt: new Date().toISOString() })),
    });
    expect(await sent.json()).toMatchObject({ received: 1, stored: 1 });
    const invocations = async () => {
      const answer = await fetch(`${origin}/analytics/v1/orgs/acme/usage`, { headers: { authorization } });
      return ((await answer.json()) as { totals: { invocations: number } }).totals.invocations;
    };
    await expect.poll(invocations, { timeout: MINUTE }).toBe(1);
    expect((await fetch(`${origin}/docs`)).status).toBe(200);
  } finally {
    service.stdout.resume();
    service.kill('SIGTERM');
    await closed;
  }
});

test('the package has every file that its code names, and no sources or tests', async () => {
  const root = join(folder, 'node_modules/tidemark');
  const files = await readdir(root, { recursive: true });
  expect(files).toContain('dist/alerts/configs/yaml-worker.js');
  const sources = (await readdir(join(checkout, 'src/database/migrations'))).sort();
  expect((await readdir(join(root, 'dist/database/migrations'))).sort()).toEqual(sources);
  expect(files.filter((path) => /\.ts$|\.test\./.test(path))).toEqual([]);
  for (const path of files.filter((name) => /^dist\/.*\.js$/.test(name)))
    expect(await readFile(join(root, path), 'utf8'), path).not.toMatch(/['"`]\.[^'"`\s]*\.ts['"`]/);
});
