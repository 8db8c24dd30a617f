import type { Pool } from 'pg';
import { onTestFinished } from 'vitest';
import { createPool } from '../../../src/database/pool.ts';

function poolOf(connectionString: string): Pool {
  return createPool({
    connectionString,
    max: 2,
    applicationName: 'tidemark-test',
    statementTimeoutMs: 0,
    onError: () => {},
  });
}

/** Lends a pool on a database, and ends it afterwards. */
export async function withPool<T>(connectionString: string, use: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = poolOf(connectionString);
  try {
    return await use(pool);
  } finally {
    await pool.end();
  }
}

/** A pool on a database that nobody serves, until the test ends. */
export function unreachablePool(): Pool {
  const pool = poolOf('postgres://127.0.0.1:1/none');
  onTestFinished(() => pool.end());
  return pool;
}

/** Runs `sql` in a transaction that stays open until it is released or the test ends. */
export async function holdTransaction(pool: Pool, sql: string): Promise<() => Promise<void>> {
  const client = await pool.connect();
  let held = true;
  const release = async () => {
    if (!held) return;
    held = false;
    await client.query('rollback');
    client.release();
  };
  onTestFinished(release);
  await client.query('begin');
  await client.query(sql);
  return release;
}
