import type { Pool, PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { LOCK_SPACE, lockNumbers } from '../database/advisory-locks.ts';
import { citusState } from '../database/extensions/citus.ts';
import { tablePlacement } from '../database/extensions/table-placement.ts';
import { pendingMigrations } from '../database/schema/migrate.ts';
import { CodedError } from '../errors.ts';
import { beginSnapshot } from '../rollups/snapshot.ts';
import type { Clock } from '../time.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { readEventDays, readGrants, readSequences, readTables } from './catalogue.ts';
import { bestCompression } from './compression.ts';
import { copySession } from './copy-session.ts';
import type { BackupHeader, StoredTable, TableEnd } from './format.ts';

/** Not in a backup: a restore would bring sessions back that were ended since. */
const SIGNED_IN = ['login_sessions', 'login_codes'];

interface BackupOptions {
  clock: Clock;
  /** Called before each table. */
  onTable?: (table: string, index: number, count: number) => void;
}

export interface CreatedBackup {
  tables: readonly TableEnd[];
  /** Of the file. */
  bytes: number;
  /** Tables of the schema that are not ours, and are not in the backup. */
  leftOut: string[];
}

/**
 * Writes the schema `analytics` into a file, from one snapshot. The service may run meanwhile. On Citus, which has no
 * snapshot over nodes, events and roll-ups wait until it is done.
 *
 * @throws {CodedError} `conflict` when the file exists; `invalid_request` when the database has no schema of ours
 * @throws the error of the database or the file system; then no file is left
 */
export async function createBackup(pool: Pool, path: string, options: BackupOptions): Promise<CreatedBackup> {
  const release = await holdOnCitus(pool);
  const client = await pool.connect();
  try {
    await refuseWithoutSchema(client);
    await client.query('begin');
    await beginSnapshot(client, 'read only');
    // Like days of raw events, a generation of ids is removed as a table, which a snapshot does not keep.
    await client.query('lock table analytics.event_keys, analytics.event_keys_previous in access share mode');
    await copySession(client);
    return await write(client, path, options);
  } finally {
    // Nothing was changed. A COPY that was cut off leaves the connection unusable, so it is closed.
    client.release(true);
    await release();
  }
}

async function refuseWithoutSchema(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('analytics.migrations') is not null and to_regclass('analytics.events') is not null as there`,
  );
  if (!rows[0]?.there)
    throw new CodedError('invalid_request', 'the database (DATABASE_URL) has no data of Tidemark to back up');
}

async function write(client: PoolClient, path: string, options: BackupOptions): Promise<CreatedBackup> {
  const { header, leftOut } = await readHeader(client, options.clock);
  const writer = await ArchiveWriter.open(path, header);
  try {
    for (const [index, table] of header.tables.entries()) {
      options.onTable?.(table.name, index, header.tables.length);
      const rows = client.query(copyTo(copyOut(client, table)));
      await writer.addTable(table.name, rows, () => rows.rowCount);
    }
    await writer.finish();
    return { tables: writer.tables, bytes: writer.bytes, leftOut };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** As a query, because `copy TABLE` reads no partitions. */
function copyOut(client: PoolClient, { name, columns }: StoredTable): string {
  const list = columns.map((column) => client.escapeIdentifier(column)).join(', ');
  return `copy (select ${list} from analytics.${client.escapeIdentifier(name)}) to stdout (encoding 'UTF8')`;
}

async function readHeader(
  client: PoolClient,
  clock: Clock,
): Promise<{ header: BackupHeader; leftOut: string[] }> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  const migrations = await client.query<{ name: string }>(
    'select name from analytics.migrations order by id',
  );
  const all = await readTables(client);
  // An older schema may have tables that this release no longer knows.
  const isCurrent = (await pendingMigrations(client)).length === 0;
  const known = all.filter(({ name }) => !isCurrent || name in tablePlacement);
  const tables = known.filter(({ name }) => !SIGNED_IN.includes(name));
  const header: BackupHeader = {
    createdAt: new Date(clock.now()).toISOString(),
    serverVersion: rows[0]?.version ?? 'unknown',
    compression: bestCompression(),
    migrations: migrations.rows.map(({ name }) => name),
    tables,
    sequences: await readSequences(client),
    grants: await readGrants(client),
    eventDays: await readEventDays(client),
  };
  return { header, leftOut: all.filter((table) => !known.includes(table)).map(({ name }) => name) };
}

/**
 * On a distributed database, waits until no batch and no roll-up is on its way, and holds new ones until the returned
 * function is called.
 */
async function holdOnCitus(pool: Pool): Promise<() => Promise<void>> {
  if ((await citusState(pool)) !== 'distributed') return async () => {};
  const holder = await pool.connect();
  await holder.query('begin');
  await copySession(holder);
  await holder.query('select pg_advisory_xact_lock($1, $2)', [LOCK_SPACE, lockNumbers.storing]);
  await holder.query('lock table analytics.folds in share mode');
  return async () => {
    await holder.query('rollback');
    holder.release();
  };
}
