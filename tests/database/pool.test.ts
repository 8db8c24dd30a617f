import type { PoolClient } from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import { isConnectionError } from '../../src/database/connection-error.ts';
import { createPool, withTransaction } from '../../src/database/pool.ts';
import { useDatabase } from '../support/database/database.ts';

const database = useDatabase();

async function count() {
  return (await database.pool.query('select count(*) from noted')).rows[0]?.count as unknown;
}

function note(client: PoolClient, text: string) {
  return client.query('insert into noted values ($1)', [text]);
}

function cut(client: PoolClient) {
  return client
    .query('select pg_backend_pid() as pid')
    .then(({ rows }) => database.pool.query('select pg_terminate_backend($1::int)', [rows[0]?.pid]));
}

beforeEach(async () => {
  await database.pool.query('drop table if exists noted; create table noted (text text unique)');
});

test('values are read as types that hold them', async () => {
  const { rows } = await database.pool.query(
    `select 42::bigint as big, '{1,null,3}'::bigint[] as bigs, '{}'::bigint[] as none, date '2026-11-20' as day,
            timestamptz '2026-11-20 12:00+00' as moment, 1.50::numeric as exact, current_setting('TimeZone') as zone`,
  );
  expect(rows).toEqual([
    {
      big: 42,
      bigs: [1, null, 3],
      none: [],
      day: '2026-11-20',
      moment: new Date('2026-11-20T12:00:00Z'),
      exact: '1.50',
      zone: 'UTC',
    },
  ]);
});

test('a bigint past 2^53 fails only its own query', async () => {
  await expect(database.pool.query('select 9007199254740993')).rejects.toThrow('too large for a number');
  expect(await count()).toBe(0);
});

test('a statement is cancelled when its time is up', async () => {
  const pool = createPool({
    connectionString: database.url,
    max: 1,
    applicationName: 'impatient',
    statementTimeoutMs: 100,
    onError: () => {},
  });
  await expect(pool.query('select pg_sleep(30)')).rejects.toMatchObject({ code: '57014' });
  await pool.end();
});

describe('a transaction', () => {
  test('commits when the function returns, with its result', async () => {
    expect(await withTransaction(database.pool, async (client) => (await note(client, 'a')).rowCount)).toBe(
      1,
    );
    expect(await count()).toBe(1);
  });

  test('rolls back when the function throws, with its error', async () => {
    const failing = withTransaction(database.pool, async (client) => {
      await note(client, 'a');
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await count()).toBe(0);
  });

  test('is joined by transactions begun on its client', async () => {
    const failing = withTransaction(database.pool, async (client) => {
      await withTransaction(client, (inner) => note(inner, 'a'));
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await count()).toBe(0);
  });

  test('begins on a client that is in none', async () => {
    const client = await database.pool.connect();
    await expect(withTransaction(client, () => Promise.reject(new Error('on purpose')))).rejects.toThrow(
      'on purpose',
    );
    await withTransaction(client, (same) => note(same, 'a'));
    client.release();
    expect(await count()).toBe(1);
  });

  test('does not count as committed after a swallowed statement error', async () => {
    const swallowing = withTransaction(database.pool, async (client) => {
      await note(client, 'a');
      await note(client, 'a').catch(() => {});
    });
    await expect(swallowing).rejects.toThrow('had failed before');
    expect(await count()).toBe(0);
  });

  test('fails as such when its connection is cut, and the pool goes on with a new connection', async () => {
    const cutting = withTransaction(database.pool, async (client) => {
      await note(client, 'a');
      await cut(client);
      await note(client, 'b');
    });
    await expect(cutting).rejects.toSatisfy(isConnectionError);
    expect(await count()).toBe(0);
    expect(database.pool.totalCount).toBe(database.pool.idleCount);
  });
});
