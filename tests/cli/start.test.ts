import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
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

test('output that is no terminal shows no token, but the command that prints one', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-start-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const env = { DATABASE_URL: database.url, DATA_DIR: dataDir, HTTP_PORT: '0', LOG_LEVEL: 'error' };
  const child = startCommand(['start'], env);
  child.stdout.on('data', (text: Buffer) => {
    if (text.includes('is ready')) child.kill('SIGTERM');
  });
  const { output } = await endOf(child);
  expect(output).toContain(`Admin token         from the command: DATA_DIR=${dataDir} npx tidemark token\n`);
  expect(output).toContain(`Bearer $(DATA_DIR=${dataDir} npx tidemark token)"`);
  expect(output).not.toMatch(/eyJ/);
});
