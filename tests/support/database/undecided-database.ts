import type { Pool } from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { createPool } from '../../../src/database/pool.ts';
import { migrate } from '../../../src/database/schema/migrate.ts';
import { SECOND } from '../../../src/time.ts';
import { createExtensions } from '../set-up/extensions.ts';
import { createEmpty } from '../set-up/test-databases.ts';
import type { TestDatabase } from './database.ts';

interface UndecidedDatabase extends TestDatabase {
  /** Creates the extensions that the server has loaded. */
  addExtensions(): Promise<void>;
  /** Migrates the schema as every start does, and resolves to the messages on the way. */
  migrate(): Promise<string[]>;
}

async function migrateAndListen(url: string): Promise<string[]> {
  const said: string[] = [];
  const listen = (_: object, message: string) => {
    said.push(message);
  };
  await migrate(url, { log: { debug: () => {}, info: listen, warn: listen }, direction: 'up' });
  return said;
}

/** A migrated database without extensions, on a server with some loaded. It is dropped with the test run. */
export function useUndecidedDatabase(): UndecidedDatabase {
  let opened: { url: string; pool: Pool } | undefined;
  const database = () => {
    if (!opened) throw new Error('The database is there from beforeAll on.');
    return opened;
  };
  beforeAll(async () => {
    const postgres = inject('postgres');
    if ('fault' in postgres) throw new Error(`There is no PostgreSQL to test on: ${postgres.fault}`);
    const url = await createEmpty(postgres.url, postgres.template);
    await migrateAndListen(url);
    const pool = createPool({
      connectionString: url,
      max: 5,
      applicationName: 'tidemark-test',
      statementTimeoutMs: 60 * SECOND,
      onError: () => {},
    });
    opened = { url, pool };
  });
  afterAll(() => opened?.pool.end());
  return {
    get url() {
      return database().url;
    },
    get pool() {
      return database().pool;
    },
    addExtensions: () => createExtensions(database().url),
    migrate: () => migrateAndListen(database().url),
  };
}
