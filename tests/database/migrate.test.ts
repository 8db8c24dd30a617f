import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { migrate, pendingMigrations } from '../../src/database/schema/migrate.ts';
import { useDatabase } from '../support/database/database.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {} };
const database = useDatabase();
let directory = '';

function up() {
  return migrate(database.url, { log: quiet, direction: 'up', directory });
}

function down(count?: number) {
  return migrate(database.url, {
    log: quiet,
    direction: 'down',
    directory,
    ...(count !== undefined && { count }),
  });
}

function pending() {
  return pendingMigrations(database.pool, directory);
}

async function tables() {
  const { rows } = await database.pool.query<{ name: string }>(
    `select relname as name
       from pg_class
      where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p') and relname <> 'migrations'
      order by relname`,
  );
  return rows.map(({ name }) => name);
}

const one = '-- Up Migration\ncreate table analytics.one ();\n-- Down Migration\ndrop table analytics.one;\n';
const two = '-- Up Migration\ncreate table analytics.two ();\n-- Down Migration\ndrop table analytics.two;\n';

beforeEach(async () => {
  await database.pool.query('drop schema if exists analytics cascade');
  directory = await mkdtemp(join(tmpdir(), 'tidemark-migrations-'));
  await writeFile(join(directory, '0001_one.sql'), one);
  await writeFile(join(directory, '0002_two.sql'), two);
  await writeFile(join(directory, 'notes.md'), 'not a migration');
  return () => rm(directory, { recursive: true, force: true });
});

test('up applies every file in order, and then does nothing', async () => {
  expect(await pending()).toEqual(['0001_one', '0002_two']);
  expect(await up()).toEqual(['0001_one', '0002_two']);
  expect(await tables()).toEqual(['one', 'two']);
  expect(await pending()).toEqual([]);
  expect(await up()).toEqual([]);
});

test('down reverts one migration, or as many as asked', async () => {
  await up();
  expect(await down()).toEqual(['0002_two']);
  expect(await tables()).toEqual(['one']);
  await up();
  expect(await down(2)).toEqual(['0002_two', '0001_one']);
  expect(await tables()).toEqual([]);
});

test('of services that start together, one migrates and the others wait for it', async () => {
  const done = await Promise.all([up(), up(), up()]);
  expect(done.flat().sort()).toEqual(['0001_one', '0002_two']);
});

test('a failed migration leaves no trace, and earlier ones stay', async () => {
  await writeFile(join(directory, '0002_two.sql'), `${two.replace(';', '; select 1 / 0;')}`);
  await expect(up()).rejects.toThrow('division by zero');
  expect(await tables()).toEqual(['one']);
  expect(await pending()).toEqual(['0002_two']);
});

test('the migrations of Tidemark go up, all the way down, and up again', async () => {
  const ours = { log: quiet, direction: 'up' } as const;
  const names = await migrate(database.url, ours);
  const first = await tables();
  await migrate(database.url, { ...ours, direction: 'down', count: names.length });
  expect(await tables()).toEqual([]);
  expect(await migrate(database.url, ours)).toEqual(names);
  expect(await tables()).toEqual(first);
});
