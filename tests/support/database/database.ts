import type { Pool } from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { createPool } from '../../../src/database/pool.ts';
import { SECOND } from '../../../src/time.ts';
import { cloneTemplate } from '../set-up/test-databases.ts';

/** A migrated database of one test file. */
export interface TestDatabase {
  readonly url: string;
  readonly pool: Pool;
}

/** A test may hold a transaction open for any time. */
function patient(url: string): string {
  const withOptions = new URL(url);
  withOptions.searchParams.set('options', '-c TimeZone=UTC -c idle_in_transaction_session_timeout=0');
  return withOptions.href;
}

/** A database that its maker has to drop. */
export interface OwnDatabase extends TestDatabase {
  drop(): Promise<void>;
}

/** Makes a migrated database. */
export async function makeDatabase(): Promise<OwnDatabase> {
  const postgres = inject('postgres');
  if ('fault' in postgres) throw new Error(`There is no PostgreSQL to test on: ${postgres.fault}`);
  const { url, drop } = await cloneTemplate(postgres.url, postgres.template);
  const pool = createPool({
    connectionString: patient(url),
    max: 5,
    applicationName: 'tidemark-test',
    statementTimeoutMs: 60 * SECOND,
    // Tests that cut connections do so on purpose.
    onError: () => {},
  });
  return {
    url,
    pool,
    async drop() {
      await pool.end();
      await drop();
    },
  };
}

/**
 * Gives the test file, or the `describe` it is called in, a migrated database of its own, dropped at the end.
 * Its fields can be read from `beforeAll` on.
 */
export function useDatabase(): TestDatabase {
  let opened: OwnDatabase | undefined;
  const database = () => {
    if (!opened) throw new Error('The database is there from beforeAll on.');
    return opened;
  };
  beforeAll(async () => {
    opened = await makeDatabase();
  });
  afterAll(() => opened?.drop());
  return {
    get url() {
      return database().url;
    },
    get pool() {
      return database().pool;
    },
  };
}
