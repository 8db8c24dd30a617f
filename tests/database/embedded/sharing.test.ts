import { expect, test } from 'vitest';
import { isAlive } from '../../../src/database/embedded/process.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { ask, gone, holdEmbedded, postmasterPid } from '../../support/database/embedded-holder.ts';

const newDirectory = useDirectories();

test('a second service is refused, with the process id of the first', async () => {
  const dataDir = await newDirectory();
  const first = await holdEmbedded({ dataDir, mode: 'serve' });
  const second = holdEmbedded({ dataDir, mode: 'serve' });
  await expect(second).rejects.toThrow(`Another Tidemark (process ${first.pid}, since 20`);
  expect(await ask(first.connectionString, 'select 42')).toBe(42);
  await first.stop();
});

test('a command uses the database of the service and leaves it running', async () => {
  const dataDir = await newDirectory();
  const service = await holdEmbedded({ dataDir, mode: 'serve' });
  const command = await holdEmbedded({ dataDir, mode: 'join' });
  expect(command).toMatchObject({ adopted: true, connectionString: service.connectionString });
  await command.stop();
  expect(await ask(service.connectionString, 'select 42')).toBe(42);
  await service.stop();
});

test('the last of several commands stops the database', async () => {
  const dataDir = await newDirectory();
  const first = await holdEmbedded({ dataDir, mode: 'join' });
  const second = await holdEmbedded({ dataDir, mode: 'join' });
  const postmaster = await postmasterPid(first.location);
  await first.stop();
  expect(await ask(second.connectionString, 'select 42')).toBe(42);
  await second.stop();
  await gone(postmaster);
});

test('a database that a command started keeps running for a service that came meanwhile', async () => {
  const dataDir = await newDirectory();
  const command = await holdEmbedded({ dataDir, mode: 'join' });
  const service = await holdEmbedded({ dataDir, mode: 'serve' });
  const postmaster = await postmasterPid(service.location);
  await command.stop();
  expect(isAlive(postmaster)).toBe(true);
  expect(await ask(service.connectionString, 'select 42')).toBe(42);
  await service.stop();
  await gone(postmaster);
});

test('a command that comes while the last one stops the database starts it again', async () => {
  const dataDir = await newDirectory();
  for (let round = 0; round < 3; round += 1) {
    const leaving = await holdEmbedded({ dataDir, mode: 'join' });
    const [coming] = await Promise.all([holdEmbedded({ dataDir, mode: 'join' }), leaving.stop()]);
    expect(await ask(coming.connectionString, 'select 42')).toBe(42);
    await coming.stop();
  }
});
