import { describe, expect, test } from 'vitest';
import { openRun } from '../set-up/test-databases.ts';
import { useDatabase } from './database.ts';

describe('a test file', () => {
  const mine = useDatabase();
  const other = useDatabase();

  test('has a migrated database', async () => {
    const { rows } = await mine.pool.query<{ events: string | null }>(
      `select to_regclass('analytics.events')::text as events`,
    );
    expect(rows).toEqual([{ events: 'analytics.events' }]);
  });

  test('shares its database with no other', async () => {
    await mine.pool.query('create table only_here ()');
    const { rows } = await other.pool.query<{ found: string | null }>(
      `select to_regclass('only_here')::text as found`,
    );
    expect(rows).toEqual([{ found: null }]);
  });
});

describe('a test run', () => {
  const mine = useDatabase();

  const exists = async (name: string) => {
    const { rowCount } = await mine.pool.query('select from pg_database where datname = $1', [name]);
    return rowCount === 1;
  };

  test('drops the databases of killed runs, and leaves those of running ones alone', async () => {
    const leftOver = `tidemark_test_0_${process.pid}_left`;
    await mine.pool.query(`create database ${leftOver}`);
    const living = await openRun(mine.url);
    const kept = `${living.name}_kept`;
    await mine.pool.query(`create database ${kept}`);

    const next = await openRun(mine.url);
    expect(await exists(leftOver)).toBe(false);
    expect(await exists(kept)).toBe(true);

    await next.end();
    await living.end();
    expect(await exists(kept)).toBe(false);
  });
});
