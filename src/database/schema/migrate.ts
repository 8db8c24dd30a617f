/**
 * Runs or reverts the migrations of a database. Migrations are the files `migrations/NNNN_name.sql`, run in the order of
 * their numbers. Each runs in its own transaction, together with its row in `analytics.migrations`. A file has its up
 * part after a line `-- Up Migration`, and its down part after `-- Down Migration`. The schema `analytics` is created
 * here and never dropped. After the migrations, TimescaleDB or Citus is used if the database has it.
 */
import { runner } from 'node-pg-migrate';
import type { Client } from 'pg';
import { CodedError } from '../../errors.ts';
import { connect } from '../connect.ts';
import { adaptToExtensions } from '../extensions/adapt.ts';
import type { DatabaseLog } from '../log.ts';
import { createPool, type Database } from '../pool.ts';
import { checkSession } from '../session.ts';
import { UnansweredQueries } from '../unanswered-queries.ts';
import { loadMigrations } from './load-migrations.ts';
import { migrationNames, ourMigrations, prepareSchema } from './migration-files.ts';
import { lockMigrations, MIGRATION_SESSION, observeWaits } from './migration-waits.ts';

export interface MigrateOptions {
  log: DatabaseLog;
  direction: 'up' | 'down';
  /** Maximum number to run: by default all up, or one down. */
  count?: number;
  /** Directory of the files; ours by default. */
  directory?: string;
  /** Aborts the migration, even while it waits for a lock. */
  stopRequested?: AbortSignal;
}

/**
 * Runs the pending migrations and resolves to their names. Several starting services may call it at once: the second
 * waits for the first and finds nothing to do. A database that a newer release has migrated stays as it is, with a
 * warning, because the releases of a rolling upgrade run side by side.
 *
 * @throws {CodedError} `unavailable` when the database does not answer, or its sessions lack settings that results depend
 *   on; `invalid_request` when migrations of a newer release would have to be reverted
 * @throws the database's error when a migration fails or is aborted; it is rolled back, and those before it stay.
 */
export async function migrate(connectionString: string, options: MigrateOptions): Promise<string[]> {
  const { log, stopRequested } = options;
  const lockHolder = await connect(connectionString, MIGRATION_SESSION, stopRequested);
  try {
    await checkSession(lockHolder);
    await lockMigrations(lockHolder, log);
    const stopObserving = observeWaits(lockHolder, log);
    try {
      return await migrateNow(connectionString, options);
    } finally {
      stopObserving();
    }
  } finally {
    await lockHolder.end();
  }
}

async function migrateNow(connectionString: string, options: MigrateOptions): Promise<string[]> {
  const { log, direction, count, directory = ourMigrations, stopRequested } = options;
  const client = await connect(connectionString, MIGRATION_SESSION, stopRequested);
  try {
    await prepareSchema(client);
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
 * @throws the driver's error when the database cannot be reached.
 */
export async function pendingMigrations(database: Database, directory = ourMigrations): Promise<string[]> {
  return pending(database, directory);
}

/** Migrations that were run here and are not among our files, in the order of their runs. */
async function madeByNewerRelease(client: Client, directory: string): Promise<string[]> {
  const ours = new Set(await migrationNames(directory));
  const { rows } = await client.query<{ name: string }>('select name from analytics.migrations order by id');
  return rows.map(({ name }) => name).filter((name) => !ours.has(name));
}

function cannotGoBack(newer: readonly string[]): string {
  return `a newer release has migrated the database; revert its migrations with that release first: ${newer.join(', ')}`;
}

async function pending(database: Pick<Client, 'query'>, directory: string): Promise<string[]> {
  const names = await migrationNames(directory);
  const { rows } = await database.query<{ there: boolean }>(
    `select to_regclass('analytics.migrations') is not null as there`,
  );
  if (!rows[0]?.there) return names;
  const seen = await database.query<{ name: string }>('select name from analytics.migrations');
  const seenNames = new Set(seen.rows.map(({ name }) => name));
  return names.filter((name) => !seenNames.has(name));
}

async function adapt(connectionString: string, { log, stopRequested }: MigrateOptions): Promise<void> {
  const unanswered = new UnansweredQueries();
  const abandon = () => unanswered.abandon();
  const pool = createPool({
    connectionString,
    max: 1,
    applicationName: MIGRATION_SESSION,
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
