import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Pool, PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { adaptToExtensions } from '../database/extensions/adapt.ts';
import type { DatabaseLog } from '../database/log.ts';
import { withTransaction } from '../database/pool.ts';
import {
  migrationNames,
  prepareSchema,
  runMigrationsUnrecorded,
} from '../database/schema/migration-files.ts';
import { CodedError } from '../errors.ts';
import { EventPartitions } from '../ingestion/partitions.ts';
import { DAY } from '../time.ts';
import { ArchiveReader, verifyArchive } from './archive-reader.ts';
import { readTables } from './catalogue.ts';
import { decompressor } from './compression.ts';
import { copySession } from './copy-session.ts';
import type { BackupHeader, StoredGrant, StoredTable, TableEnd } from './format.ts';
import { prepareTarget } from './prepare-target.ts';

interface RestoreOptions {
  /** Whether the data that the database has is deleted. Otherwise a restore into it is refused. */
  replace: boolean;
  log: DatabaseLog;
  /** Called before each table. */
  onTable?: (table: string, index: number, count: number) => void;
}

export interface RestoredBackup {
  header: BackupHeader;
  rows: number;
  /** Privileges of roles that this server does not have. */
  missedGrants: StoredGrant[];
}

/**
 * Restores a backup in one transaction: it is there as a whole, or the database is as it was. The schema is then of the
 * release that wrote the backup; the caller brings it up to date.
 *
 * @throws {CodedError} `invalid_request` when the file is damaged or of a newer release; `conflict` when the database has
 *   data or a service uses it
 * @throws the error of the database or the file system; then nothing has changed
 */
export async function restoreBackup(
  pool: Pool,
  path: string,
  options: RestoreOptions,
): Promise<RestoredBackup> {
  await verifyArchive(path);
  const { reader, header } = await ArchiveReader.open(path);
  try {
    await refuseOtherSchemas(header);
    const restored = await withTransaction(pool, async (client) => {
      await copySession(client);
      await prepareTarget(client, options);
      await makeSchema(client, header, options.log);
      const rows = await loadTables(client, reader, header, options);
      await setSequences(client, header);
      return { header, rows, missedGrants: await grantAgain(client, header.grants) };
    });
    // Until PostgreSQL has statistics, the first questions would take seconds.
    for (const { name } of header.tables) await pool.query(`analyze analytics.${name}`);
    return restored;
  } finally {
    await reader.close();
  }
}

async function refuseOtherSchemas({ migrations }: BackupHeader): Promise<void> {
  const ours = await migrationNames();
  const unknown = migrations.filter((name) => !ours.includes(name));
  if (unknown.length > 0)
    throw new CodedError(
      'invalid_request',
      `the backup is of a newer release: this one does not know its migrations ${unknown.join(', ')}. Restore it with that release.`,
    );
  const missing = ours.slice(0, migrations.length).filter((name) => !migrations.includes(name));
  if (missing.length > 0)
    throw new CodedError(
      'invalid_request',
      `the backup lacks the migrations ${missing.join(', ')}, which come before others that it has. Restore it with the release that wrote it.`,
    );
}

async function makeSchema(client: PoolClient, header: BackupHeader, log: DatabaseLog): Promise<void> {
  await prepareSchema(client);
  await runMigrationsUnrecorded(client, [...header.migrations].sort());
  await adaptToExtensions(client, log);
  const days = header.eventDays.map((day) => Date.parse(`${day}T00:00:00Z`) / DAY);
  await new EventPartitions(client).ensure(days);
  const tables = await readTables(client);
  const unknown = header.tables.filter(({ name }) => !tables.some((table) => table.name === name));
  if (unknown.length > 0)
    throw new CodedError(
      'invalid_request',
      `the backup has tables that its schema does not have: ${unknown.map(({ name }) => name).join(', ')}`,
    );
  await clear(client, tables);
}

/**
 * Deletes the few rows that migrations fill in, such as the id of the installation. Those of the backup take their place.
 * A table without rows is left alone, because the audit log refuses any deletion. Citus does not take a select without columns.
 */
async function clear(client: PoolClient, tables: readonly StoredTable[]): Promise<void> {
  for (const name of tables.map((table) => tableName(client, table.name)).reverse()) {
    const { rows } = await client.query<{ filled: boolean }>(
      `select exists (select 1 from ${name}) as filled`,
    );
    if (rows[0]?.filled) await client.query(`delete from ${name}`);
  }
}

async function loadTables(
  client: PoolClient,
  reader: ArchiveReader,
  { tables, compression }: BackupHeader,
  { onTable }: RestoreOptions,
): Promise<number> {
  let total = 0;
  for (const [index, table] of tables.entries()) {
    onTable?.(table.name, index, tables.length);
    total += await loadTable(client, reader, table, compression);
  }
  const end = await reader.end();
  if (end.tables !== tables.length || end.rows !== total)
    throw new Error(`the backup says ${end.rows} rows of ${end.tables} tables; ${total} were restored`);
  return total;
}

async function loadTable(
  client: PoolClient,
  reader: ArchiveReader,
  table: StoredTable,
  compression: BackupHeader['compression'],
): Promise<number> {
  const digest = createHash('sha256');
  let end: TableEnd | undefined;
  const columns = table.columns.map((column) => client.escapeIdentifier(column)).join(', ');
  const copy = client.query(
    copyFrom(`copy ${tableName(client, table.name)} (${columns}) from stdin (encoding 'UTF8')`),
  );
  await pipeline(
    reader.tablePieces((found) => {
      end = found;
    }),
    decompressor(compression),
    async function* hash(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        digest.update(chunk);
        yield chunk;
      }
    },
    copy,
  );
  const found = { table: table.name, rows: copy.rowCount, sha256: digest.digest('hex') };
  if (end?.table !== found.table || end.rows !== found.rows || end.sha256 !== found.sha256)
    throw new Error(`the backup says ${JSON.stringify(end)}, and ${JSON.stringify(found)} was restored`);
  return copy.rowCount;
}

async function setSequences(client: PoolClient, { sequences }: BackupHeader): Promise<void> {
  for (const { name, lastValue, isCalled } of sequences)
    await client.query('select setval($1::regclass, $2::bigint, $3)', [
      `analytics.${client.escapeIdentifier(name)}`,
      lastValue,
      isCalled,
    ]);
}

/** Grants what roles had that did not own the database. Returns what cannot be granted for lack of the role. */
async function grantAgain(client: PoolClient, grants: readonly StoredGrant[]): Promise<StoredGrant[]> {
  const { rows } = await client.query<{ name: string }>('select rolname as name from pg_roles');
  const roles = new Set(rows.map(({ name }) => name));
  const missed = grants.filter(({ role }) => !roles.has(role));
  for (const grant of grants) if (roles.has(grant.role)) await client.query(await grantSql(client, grant));
  return missed;
}

async function grantSql(client: PoolClient, { kind, object, privilege, role }: StoredGrant): Promise<string> {
  if (!/^[A-Z ]+$/.test(privilege)) throw new Error(`${privilege} is no privilege`);
  const to = client.escapeIdentifier(role);
  if (kind === 'schema') return `grant ${privilege} on schema analytics to ${to}`;
  if (kind === 'table') return `grant ${privilege} on table ${tableName(client, object)} to ${to}`;
  const { rows } = await client.query<{ name: string }>('select $1::regprocedure::text as name', [object]);
  return `grant ${privilege} on function ${rows[0]?.name} to ${to}`;
}

function tableName(client: PoolClient, name: string): string {
  return `analytics.${client.escapeIdentifier(name)}`;
}
