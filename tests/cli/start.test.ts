import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { useDatabase } from '../support/database/database.ts';
import { runCommand } from '../support/service/run-command.ts';

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
    `tidemark: port ${port} of 127.0.0.1 is taken by another process; HTTP_PORT chooses another\n`,
  );
  expect(code).toBe(1);
});
