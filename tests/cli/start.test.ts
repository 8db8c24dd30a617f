import { exec } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { version } from '../../src/version.ts';
import { useDatabase } from '../support/database/database.ts';
import { endOf, runCommand, startCommand } from '../support/service/run-command.ts';

const database = useDatabase();

test('a service whose port is taken ends, and names the setting that changes the port', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-start-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));

  const { port } = other.address() as AddressInfo;
  const env = { DATABASE_URL: database.url, DATA_DIR: dataDir, HTTP_PORT: String(port), LOG_LEVEL: 'error' };
  const { code, complaint } = await runCommand(['start'], env);
  expect(complaint).toBe(
    `tidemark: another process already listens on port ${port} of 127.0.0.1; set HTTP_PORT to a free port\n`,
  );
  expect(code).toBe(1);
});

test('output that is no terminal has lines of JSON alone, with no token but the command that prints one', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-start-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const env = { DATABASE_URL: database.url, DATA_DIR: dataDir, HTTP_PORT: '0', LOG_LEVEL: 'error' };
  const child = startCommand(['start'], env);
  child.stdout.on('data', (text: Buffer) => {
    if (text.includes('is ready')) child.kill('SIGTERM');
  });
  const { output } = await endOf(child);
  const program = join(import.meta.dirname, '../../bin/tidemark.js');
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  expect(lines.find(({ msg }) => msg === 'Tidemark is ready')).toMatchObject({
    level: 'info',
    address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    token: `DATA_DIR=${dataDir} ${process.execPath} ${program} token`,
    login: expect.stringMatching(/^HTTP_PORT=\d+ \S+ \S+ login$/),
  });
  expect(output).not.toContain('#code=');
  expect(output).not.toMatch(/eyJ/);
});

test.each([
  [{ DATABASE_URL: 'postgres://127.0.0.1:1/x' }, 'Check DATABASE_URL'],
  [{ DATABASE_URL: 'postgres://db.invalid/x' }, 'Check DATABASE_URL'],
  [
    { DATABASE_URL: 'postgres://db/x?sslmode=verify-full&sslrootcert=/nowhere.crt' },
    'DATABASE_URL names this file',
  ],
  [{ DATABASE_URL_FILE: '/nowhere' }, 'DATABASE_URL_FILE: /nowhere cannot be read'],
])('a start that fails names the setting: %o', async (env, words) => {
  const { code, complaint } = await runCommand(['start'], { LOG_LEVEL: 'error', ...env });
  expect(complaint).toContain(words);
  expect(code).toBe(1);
});

test('a service that this machine has no address for names the setting', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-start-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const env = { DATABASE_URL: database.url, DATA_DIR: dataDir, HTTP_HOST: '203.0.113.9', LOG_LEVEL: 'error' };
  expect((await runCommand(['start'], env)).complaint).toContain('set HTTP_HOST to one that it has');
});

test('the version is that of the package', async () => {
  expect((await runCommand(['--version'], {})).output.trim()).toBe(version);
});

test('a token that is refused names a command that works from anywhere', async () => {
  const { complaint } = await runCommand(['token', '--ttl', '900d'], {});
  const [, command = ''] = /for more: (.*) keys create/.exec(complaint) ?? [];
  const { stdout } = await promisify(exec)(`${command} --version`, { cwd: '/', env: {} });
  expect(stdout.trim()).toBe(version);
});
