/**
 * Brings a database's schema up to date, or back. Migrations are the files `migrations/NNNN_name.sql`, run
 * in the order of their numbers, each in a transaction of its own together with its line in
 * `analytics.migrations`. A file has its way up after a line `-- Up Migration`, and its way back after
 * `-- Down Migration`. The schema `analytics` itself is made here, and stays. What a database has of TimescaleDB or
 * Citus is then made use of.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { CodedError } from '../errors.ts';
import { adaptToExtensions } from './adapt-to-extensions.ts';
import { LOCK_SPACE, lockNumbers } from './advisory-locks.ts';
import { loadMigrations } from './load-migrations.ts';
import type { DatabaseLog } from './log.ts';
import { createPool, type Database } from './pool.ts';

export interface MigrateOptions {
  log: DatabaseLog;
  direction: 'up' | 'down';
  /** How many to run at most: all by default when going up, one when going down. */
  count?: number;
  /** Where the files are; ours by default. */
  directory?: string;
}

const ourDirectory = join(dirname(fileURLToPath(import.meta.url)), 'migrations');

/**
 * Runs the migrations that are due and resolves to their names. Safe to call from several starting
 * services at once: the second waits for the first and finds nothing to do. A database that a newer release
 * has migrated is left as it is, with a warning: the releases of a rolling upgrade run side by side.
 *
 * @throws {CodedError} `invalid_request` when it is to go back from what a newer release did
 * @throws the database's error when a migration fails; those before it stay, it leaves no trace.
 */
export async function migrate(connectionString: string, options: MigrateOptions): Promise<string[]> {
  const { log, direction, count, directory = ourDirectory } = options;
  const watch = await connect(connectionString);
  const client = await connect(connectionString);
  try {
    // Held by a transaction, not a session, and so also behind a pooler that shares sessions out.
    await watch.query('begin');
    await watch.query('set local idle_in_transaction_session_timeout = 0');
    await watch.query('set local statement_timeout = 0');
    await watch.query('select pg_advisory_xact_lock($1, $2)', [LOCK_SPACE, lockNumbers.migration]);
    await prepare(client);
    const newer = await madeByNewerRelease(client, directory);
    if (newer.length > 0 && direction === 'down') {
      throw new CodedError('invalid_request', cannotGoBack(newer));
    }
    if (newer.length > 0) log.warn({ migrations: newer }, 'a newer release has migrated the database');
    if (direction === 'up' && (await pending(client, directory)).length === 0) {
      await adapt(connectionString, log);
      return [];
    }
    const done = await runner({
      dbClient: client,
      dir: directory,
      ignorePattern: '(?!.*\\.sql$).*',
      migrationLoaderStrategies: [{ extensions: ['.sql'], loader: loadMigrations }],
      direction,
      ...(count !== undefined && { count }),
      migrationsSchema: 'analytics',
      migrationsTable: 'migrations',
      singleTransaction: false,
      noLock: true,
      logger: {
        debug: () => {},
        info: (message) => log.debug({}, message),
        warn: (message) => log.warn({}, message),
        error: (message) => log.warn({}, message),
      },
    });
    const names = done.map(({ name }) => name);
    if (names.length > 0) log.info({ direction, migrations: names }, 'migrated the database');
    if (direction === 'up') await adapt(connectionString, log);
    return names;
  } finally {
    await Promise.all([client.end(), watch.end()]);
  }
}

/**
 * The names of the migrations that the database has not seen, in order; for readiness.
 *
 * @throws the driver's error when the database cannot be asked.
 */
export async function pendingMigrations(database: Database, directory = ourDirectory): Promise<string[]> {
  return pending(database, directory);
}

/** What was run here and is not among our files, in the order in which it was run. */
async function madeByNewerRelease(client: Client, directory: string): Promise<string[]> {
  const ours = new Set(await namesIn(directory));
  const { rows } = await client.query<{ name: string }>('select name from analytics.migrations order by id');
  return rows.map(({ name }) => name).filter((name) => !ours.has(name));
}

const cannotGoBack = (newer: readonly string[]): string =>
  `a newer release has migrated the database; take its migrations back with that release first: ${newer.join(', ')}`;

async function namesIn(directory: string): Promise<string[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  return files.map((file) => basename(file, '.sql'));
}

async function pending(database: Pick<Client, 'query'>, directory: string): Promise<string[]> {
  const names = await namesIn(directory);
  const { rows } = await database.query<{ there: boolean }>(
    `select to_regclass('analytics.migrations') is not null as there`,
  );
  if (!rows[0]?.there) return names;
  const seen = await database.query<{ name: string }>('select name from analytics.migrations');
  const seenNames = new Set(seen.rows.map(({ name }) => name));
  return names.filter((name) => !seenNames.has(name));
}

/** Makes the schema and the table of migrations; the library would give the latter a time without zone. */
async function prepare(client: Client): Promise<void> {
  await client.query('create schema if not exists analytics');
  await client.query(
    `create table if not exists analytics.migrations (
       id integer generated always as identity primary key,
       name text not null unique,
       run_on timestamptz not null
     )`,
  );
}

async function adapt(connectionString: string, log: DatabaseLog): Promise<void> {
  const pool = createPool({
    connectionString,
    max: 1,
    applicationName: 'tidemark migrate',
    statementTimeoutMs: 0,
    onError: () => {},
  });
  await adaptToExtensions(pool, log).finally(() => pool.end());
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({
    connectionString,
    application_name: 'tidemark migrate',
    options: '-c TimeZone=UTC',
    keepAlive: true,
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}
