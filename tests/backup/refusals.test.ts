import { copyFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { ArchiveReader } from '../../src/backup/archive-reader.ts';
import { ArchiveWriter } from '../../src/backup/archive-writer.ts';
import { createBackup } from '../../src/backup/create-backup.ts';
import type { BackupHeader } from '../../src/backup/format.ts';
import { restoreBackup } from '../../src/backup/restore-backup.ts';
import { migrate, pendingMigrations } from '../../src/database/schema/migrate.ts';
import { HOUR, systemClock } from '../../src/time.ts';
import { useDirectories } from '../support/database/data-directory.ts';
import { makeDatabase, useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { runCommand } from '../support/service/run-command.ts';
import { emptyDatabase, storedState, whileIngesting } from './stored-state.ts';

const database = useDatabase();
const target = useDatabase();
const newDirectory = useDirectories();
const makeUsage = usageMaker(6);
let file = '';

function restore(path: string, replace = true) {
  return restoreBackup(target.pool, path, { replace, log: silentLog });
}

async function copyOf(path: string, name: string): Promise<string> {
  const copy = join(dirname(path), name);
  await copyFile(path, copy);
  return copy;
}

/** A backup with another header, whose checksums are right all the same. */
async function archiveWith(name: string, change: Partial<BackupHeader>, rows = ''): Promise<string> {
  const { reader, header } = await ArchiveReader.open(file);
  await reader.close();
  const path = join(dirname(file), name);
  const writer = await ArchiveWriter.open(path, { ...header, ...change });
  for (const table of change.tables ?? header.tables)
    await writer.addTable(table.name, Readable.from([Buffer.from(rows)]), () => 1);
  await writer.finish();
  return path;
}

beforeAll(async () => {
  const occurredAt = new Date(Date.now() - HOUR).toISOString();
  await whileIngesting(database.pool, async (store) => {
    await store(...Array.from({ length: 100 }, () => makeUsage({ occurredAt })));
  });
  file = join(await newDirectory(), 'a.backup');
  await createBackup(database.pool, file, { clock: systemClock });
});

describe('a restore changes nothing when it refuses', () => {
  test.for([
    ['a truncated file', /is damaged/, (path: string) => truncate(path, 2_000)],
    [
      'a file without its last byte',
      /is damaged/,
      async (path: string) => {
        await truncate(path, (await readFile(path)).length - 1);
      },
    ],
    [
      'a file with one changed bit',
      /is damaged/,
      async (path: string) => {
        const bytes = await readFile(path);
        bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
        await writeFile(path, bytes);
      },
    ],
    ['an empty file', /is no backup of Tidemark/, (path: string) => truncate(path, 0)],
    [
      'a file of another format',
      /another release, in a format/,
      async (path: string) => {
        await writeFile(path, (await readFile(path)).fill('9', 16, 17));
      },
    ],
  ] as const)('%s', async ([name, why, damage]) => {
    const copy = await copyOf(file, `${name}.backup`);
    await damage(copy);
    const before = await storedState(target.pool);
    await expect(restore(copy)).rejects.toThrow(why);
    expect(await storedState(target.pool)).toEqual(before);
  });

  test('a database with data, unless it is told to replace it', async () => {
    await target.pool.query(`insert into analytics.org_deletions values ('gone', now(), 'x')`);
    await expect(restore(file, false)).rejects.toThrow(
      'has data of Tidemark already, in org_deletions. Restore',
    );
    const { rowCount } = await target.pool.query('select from analytics.org_deletions');
    expect(rowCount).toBe(1);
  });

  test('a backup of a newer release', async () => {
    const newer = await archiveWith('newer.backup', { migrations: ['0001_events', '9999_future'] });
    await expect(restore(newer)).rejects.toThrow(/newer release.*9999_future/);
  });

  test('a backup that lacks a migration in the middle', async () => {
    const gap = await archiveWith('gap.backup', { migrations: ['0001_events', '0003_streams'] });
    await expect(restore(gap)).rejects.toThrow(/lacks the migrations 0002_access/);
  });

  test('rows that the database refuses, after others were loaded', async () => {
    const before = await storedState(target.pool);
    const bad = await archiveWith('bad.backup', {}, 'no row of any table\n');
    await expect(restore(bad)).rejects.toThrow();
    expect(await storedState(target.pool)).toEqual(before);
  });

  test('a database that a service uses', async () => {
    const service = new Client({ connectionString: target.url, application_name: 'tidemark read' });
    await service.connect();
    await expect(restore(file)).rejects.toThrow('in use by tidemark read. Stop all services');
    await service.end();
  });

  test('a database with a view of somebody else, which would be lost', async () => {
    await target.pool.query('create view public.calls as select count(*) from analytics.events');
    await expect(restore(file)).rejects.toThrow(/would be lost: calls/);
    await target.pool.query('drop view public.calls');
  });
});

test('with --replace, a restore leaves nothing of what was there', async () => {
  const { header, rows } = await restore(file);
  expect(rows).toBeGreaterThan(100);
  expect(header.migrations).toContain('0001_events');
  expect(await storedState(target.pool)).toEqual(await storedState(database.pool));
});

test('a database that only migrations and reconcile have written to counts as empty', async () => {
  const looked = await makeDatabase();
  try {
    const env = { DATABASE_URL: looked.url };
    expect(await runCommand(['reconcile'], env)).toMatchObject({ code: 0 });
    expect(await runCommand(['restore', file], env)).toMatchObject({ code: 0 });
    expect(await storedState(looked.pool)).toEqual(await storedState(database.pool));
  } finally {
    await looked.drop();
  }
});

test('a backup of an older schema is restored as that, and then brought up to date', async () => {
  const older = await makeDatabase();
  try {
    await migrate(older.url, { log: silentLog, direction: 'down', count: 2 });
    const path = join(dirname(file), 'older.backup');
    await createBackup(older.pool, path, { clock: systemClock });
    const url = await emptyDatabase();
    expect(await runCommand(['restore', path], { DATABASE_URL: url })).toMatchObject({
      code: 0,
      output: expect.stringMatching(/migrations run after it +2\n/),
    });
    expect(await pendingMigrations(older.pool)).toHaveLength(2);
  } finally {
    await older.drop();
  }
});

test('privileges of another role come along, and those of a missing role are named', async () => {
  const role = `reader_${process.pid}`;
  await database.pool.query(`create role ${role}`);
  try {
    await database.pool.query(`grant usage on schema analytics to ${role}`);
    await database.pool.query(`grant select on analytics.rollups to ${role}`);
    const path = join(dirname(file), 'grants.backup');
    await createBackup(database.pool, path, { clock: systemClock });
    expect((await restore(path)).missedGrants).toEqual([]);
    const { rows } = await target.pool.query(
      `select has_table_privilege($1, 'analytics.rollups', 'select') as yes, has_table_privilege($1, 'analytics.events', 'select') as no`,
      [role],
    );
    expect(rows).toEqual([{ yes: true, no: false }]);
    const missing = await archiveWith('missing.backup', {
      tables: [],
      grants: [{ kind: 'table', object: 'rollups', privilege: 'SELECT', role: 'nobody_here' }],
    });
    expect((await restore(missing)).missedGrants).toMatchObject([{ role: 'nobody_here' }]);
  } finally {
    await database.pool.query(`drop owned by ${role}`);
    await target.pool.query(`drop owned by ${role}`);
    await database.pool.query(`drop role ${role}`);
  }
});

describe('a backup that fails leaves no file', () => {
  test('when the name is taken', async () => {
    await expect(createBackup(database.pool, file, { clock: systemClock })).rejects.toThrow('exists already');
  });

  test('when the database goes away half-way', async () => {
    const folder = await newDirectory();
    const holder = await database.pool.connect();
    await holder.query('begin');
    await holder.query('lock table analytics.rollups in access exclusive mode');
    const cut = createBackup(database.pool, join(folder, 'cut.backup'), { clock: systemClock });
    const refused = expect(cut).rejects.toThrow();
    const endWaiting = async () => {
      const { rowCount } = await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like 'copy (select%'`,
      );
      return rowCount;
    };
    await expect.poll(endWaiting, { timeout: 30_000 }).toBe(1);
    await refused;
    await holder.query('rollback');
    holder.release();
    expect(await readdir(folder)).toEqual([]);
  });
});
