import { readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type EmbeddedDatabase, openEmbedded } from '../../../src/database/embedded/open-embedded.ts';
import { isAlive } from '../../../src/database/embedded/process.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { ask, gone, postmasterPid } from '../../support/database/embedded-holder.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {} };
const newDirectory = useDirectories();

function serve(dataDir: string) {
  return openEmbedded({ dataDir, log: quiet, mode: 'serve' });
}

describe('the first start', () => {
  test('creates a durable UTF-8 database that listens only on the loopback address', async () => {
    const database = await serve(await newDirectory());
    try {
      const settings = await ask(
        database.connectionString,
        `select json_object_agg(name, setting) from pg_settings
          where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding',
                         'listen_addresses', 'unix_socket_directories', 'TimeZone')`,
      );
      expect(settings).toEqual({
        fsync: 'on',
        synchronous_commit: 'on',
        full_page_writes: 'on',
        data_checksums: 'on',
        server_encoding: 'UTF8',
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        TimeZone: 'UTC',
      });
      expect(new URL(database.connectionString).hostname).toBe('127.0.0.1');
    } finally {
      await database.stop();
    }
  });

  test('counts statements, so that the slowest can be shown', async () => {
    const database = await serve(await newDirectory());
    try {
      await ask(database.connectionString, 'select 17 as seventeen');
      const calls = `select sum(calls)::int from pg_stat_statements where query like 'select $1 as seventeen%'`;
      expect(await ask(database.connectionString, calls)).toBe(1);
    } finally {
      await database.stop();
    }
  });

  test('admits nobody without the password, which only its owner can read', async () => {
    const database = await serve(await newDirectory());
    try {
      const url = new URL(database.connectionString);
      url.password = 'guess';
      await expect(ask(url.href, 'select 1')).rejects.toThrow('password authentication failed');
      const { mode } = await stat(join(database.location, 'tidemark.password'));
      expect((mode & 0o777).toString(8)).toBe('600');
    } finally {
      await database.stop();
    }
  });

  test('works twice at once: one creates the database and both use it', async () => {
    const dataDir = await newDirectory();
    const join = () => openEmbedded({ dataDir, log: quiet, mode: 'join' });
    const opened = await Promise.all([serve(dataDir), join(), join()]);
    const strings = new Set(opened.map(({ connectionString }) => connectionString));
    await Promise.all(opened.slice(1).map((database) => database.stop()));
    await opened[0].stop();
    expect(strings.size).toBe(1);
    expect(await readdir(dataDir)).toEqual(['postgres', 'postgres.log']);
  });

  test('shows the end of the log when PostgreSQL does not start, and leaves nothing running', async () => {
    const dataDir = await newDirectory();
    const attempt = openEmbedded({ dataDir, log: quiet, mode: 'serve', settings: { work_mem: 'plenty' } });
    await expect(attempt).rejects.toThrow('invalid value for parameter "work_mem": "plenty"');
    const database = await serve(dataDir);
    await database.stop();
    expect(database.adopted).toBe(false);
  });
});

describe('the next start', () => {
  test('finds the data again', async () => {
    const dataDir = await newDirectory();
    const first = await serve(dataDir);
    await ask(first.connectionString, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await serve(dataDir);
    try {
      expect(await ask(second.connectionString, 'select answer from kept')).toBe(42);
      expect(second).toMatchObject({ adopted: false, location: first.location });
    } finally {
      await second.stop();
    }
  });

  test('listens on the port of the last one, so that the connection string stays', async () => {
    const dataDir = await newDirectory();
    const first = await serve(dataDir);
    await first.stop();
    const second = await serve(dataDir);
    await second.stop();
    expect(second.connectionString).toBe(first.connectionString);
  });

  test('takes another port if the last one is taken by now', async () => {
    const dataDir = await newDirectory();
    const portOf = ({ connectionString }: EmbeddedDatabase) => Number(new URL(connectionString).port);
    const first = await serve(dataDir);
    await first.stop();
    const squatter = createServer().listen(portOf(first), '127.0.0.1');
    const second = await serve(dataDir);
    await second.stop();
    squatter.close();
    expect(portOf(second)).not.toBe(portOf(first));
  });
});

test('stopping leaves no process, and may be called twice', async () => {
  const database = await serve(await newDirectory());
  const pid = await postmasterPid(database.location);
  expect(isAlive(pid)).toBe(true);
  await Promise.all([database.stop(), database.stop()]);
  await gone(pid);
});
