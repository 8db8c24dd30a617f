/** Several processes, and several releases, start on one database. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate, pendingMigrations } from '../../../src/database/schema/migrate.ts';
import { useDatabase } from '../../support/database/database.ts';
import { runCommand, startCommand } from '../../support/service/run-command.ts';

const database = useDatabase();

function env() {
  return {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: database.url,
    HTTP_PORT: '0',
    LOG_LEVEL: 'info',
  };
}

async function empty() {
  await database.pool.query('drop schema if exists analytics cascade');
  await database.pool.query('drop schema if exists tidemark_jobs cascade');
}

async function migrated() {
  return (
    await database.pool.query<{ name: string }>('select name from analytics.migrations order by id')
  ).rows.map(({ name }) => name);
}

describe('processes that start at the same moment on an empty database', () => {
  beforeEach(empty);

  test('each migration is done by one of several migrating commands', async () => {
    const ended = await Promise.all([1, 2, 3].map(() => runCommand(['migrate'], env())));
    expect(ended.map(({ code, complaint }) => ({ code, complaint }))).toEqual(
      Array(3).fill({ code: 0, complaint: expect.not.stringContaining('tidemark:') }),
    );
    const names = await migrated();
    expect(names.length).toBeGreaterThan(0);
    const done = ended.flatMap(({ output }) =>
      [...output.matchAll(/^ {2}up {2}(\S+)$/gm)].map(([, name]) => name),
    );
    expect(done.sort()).toEqual([...names].sort());
    expect(await pendingMigrations(database.pool)).toEqual([]);
  });

  test('all of several services start', async () => {
    const services = [1, 2].map(() => startCommand(['start'], env()));
    let said = '';
    const ready = services.map(
      (service) =>
        new Promise<boolean>((resolve) => {
          let output = '';
          for (const stream of [service.stdout, service.stderr]) {
            stream.on('data', (piece) => {
              output += piece;
              said += piece;
              if (output.includes('Tidemark is ready')) resolve(true);
            });
          }
          service.once('exit', () => resolve(false));
        }),
    );
    try {
      expect(await Promise.all(ready), said).toEqual([true, true]);
      expect(await pendingMigrations(database.pool)).toEqual([]);
    } finally {
      for (const service of services) service.kill('SIGKILL');
    }
  });
});

describe('an older release, after a newer one has migrated', () => {
  const warnings: string[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: (...said: unknown[]) => warnings.push(JSON.stringify(said)),
  };
  let newer = '';
  beforeAll(async () => {
    newer = await mkdtemp(join(tmpdir(), 'tidemark-newer-'));
    await cp(join(import.meta.dirname, '../../../src/database/migrations'), newer, { recursive: true });
    await writeFile(
      join(newer, '9999_newer.sql'),
      '-- Up Migration\ncreate table analytics.newer ();\n-- Down Migration\ndrop table analytics.newer;\n',
    );
    await empty();
    await migrate(database.url, { log, direction: 'up', directory: newer });
    return () => rm(newer, { recursive: true, force: true });
  });

  test('leaves the database as it is, says so, and runs', async () => {
    expect(await migrate(database.url, { log, direction: 'up' })).toEqual([]);
    expect(warnings.join()).toContain('a newer release has migrated the database');
    expect(warnings.join()).toContain('9999_newer');
    const { code, output } = await runCommand(['reconcile'], env());
    expect([code, output]).toEqual([0, expect.stringContaining('drift')]);
  });

  test('does not revert a migration of the newer release', async () => {
    const { code, complaint } = await runCommand(['migrate', 'down', '--yes'], env());
    expect(code).toBe(1);
    expect(complaint).toContain('tidemark: a newer release has migrated the database');
    expect(complaint).toContain('9999_newer');
    expect((await migrated()).at(-1)).toBe('9999_newer');
    await migrate(database.url, { log, direction: 'down', directory: newer });
    expect((await runCommand(['migrate', 'down', '--yes'], env())).code).toBe(0);
  });
});
