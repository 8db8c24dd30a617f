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
import type { Client } from 'pg';
import { CodedError } from '../../errors.ts';
import { connect } from '../connect.ts';
import { adaptToExtensions } from '../extensions/adapt.ts';
import type { DatabaseLog } from '../log.ts';
import { createPool, type Database } from '../pool.ts';
import { UnansweredQueries } from '../unanswered-queries.ts';
import { loadMigrations } from './load-migrations.ts';
import { MIGRATE, observeWaits, takeTurn } from './migration-waits.ts';

export interface MigrateOptions {
  log: DatabaseLog;
  direction: 'up' | 'down';
  /** How many to run at most: all by default when going up, one when going down. */
  count?: number;
  /** Where the files are; ours by default. */
  directory?: string;
  /** Ends it, also while it waits for a lock. */
  stopRequested?: AbortSignal;
}

const ourDirectory = join(dirname(fileURLToPath(import.meta.url)), '../migrations');

/**
 * Runs the migrations that are due and resolves to their names. Safe to call from several starting
 * services at once: the second waits for the first and finds nothing to do. A database that a newer release
 * has migrated is left as it is, with a warning: the releases of a rolling upgrade run side by side.
 *
 * @throws {CodedError} `unavailable` when the database says nothing; `invalid_request` when it is to go back from
 *   what a newer release did
 * @throws the database's error when a migration fails, or is stopped; those before it stay, it leaves no trace.
 */
export async function migrate(connectionString: string, options: MigrateOptions): Promise<string[]> {
  const { log, stopRequested } = options;
  const turn = await connect(connectionString, MIGRATE, stopRequested);
  try {
    await takeTurn(turn, log);
    const stopObserving = observeWaits(turn, log);
    try {
      return await migrateNow(connectionString, options);
    } finally {
      stopObserving();
    }
  } finally {
    await turn.end();
  }
}

async function migrateNow(connectionString: string, options: MigrateOptions): Promise<string[]> {
  const { log, direction, count, directory = ourDirectory, stopRequested } = options;
  const client = await connect(connectionString, MIGRATE, stopRequested);
  try {
    await prepare(client);
    const newer = await madeByNewerRelease(client, directory);
    if (newer.length > 0 && direction === 'down') {
      throw new CodedError('invalid_request', cannotGoBack(newer));
    }
    if (newer.length > 0) log.warn({ migrations: newer }, 'a newer release has migrated the database');
    if (direction === 'up' && (await pending(client, directory)).length === 0) {
      await adapt(connectionString, options);
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
    if (direction === 'up') await adapt(connectionString, options);
    return names;
  } finally {
    await client.end();
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

function cannotGoBack(newer: readonly string[]): string {
  return `a newer release has migrated the database; take its migrations back with that release first: ${newer.join(', ')}`;
}

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

async function adapt(connectionString: string, { log, stopRequested }: MigrateOptions): Promise<void> {
  const unanswered = new UnansweredQueries();
  const abandon = () => unanswered.abandon();
  const pool = createPool({
    connectionString,
    max: 1,
    applicationName: MIGRATE,
    statementTimeoutMs: 0,
    onError: () => {},
    unanswered,
  });
  stopRequested?.addEventListener('abort', abandon, { once: true });
  try {
    await adaptToExtensions(pool, log);
  } finally {
    stopRequested?.removeEventListener('abort', abandon);
    await pool.end();
  }
}
