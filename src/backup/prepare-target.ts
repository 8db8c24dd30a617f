import type { PoolClient } from 'pg';
import { LOCK_SPACE, lockNumbers } from '../database/advisory-locks.ts';
import { CodedError } from '../errors.ts';

/**
 * Tables with rows in a database that nobody has used: the migrations write them, and so does `reconcile`, which notes
 * that it compared nothing.
 */
const WRITTEN_BY_ITSELF: ReadonlySet<string> = new Set([
  'installation',
  'key_generations',
  'migrations',
  'reconciliations',
]);
/** Enough to recognise what it is. */
const MOST_NAMED = 5;

/**
 * Empties the database for a restore, within its transaction. Services that start meanwhile wait for its end.
 *
 * @throws {CodedError} `conflict` when a service uses the database, when it has data that may not be replaced, or when
 *   something outside our schemas depends on our tables
 */
export async function prepareTarget(client: PoolClient, { replace }: { replace: boolean }): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, $2)', [LOCK_SPACE, lockNumbers.migration]);
  await refuseWhileUsed(client);
  const tables = await namesOfTables(client);
  if (tables.length === 0) return;
  if (!replace) await refuseData(client, tables);
  await refuseDependents(client);
  await client.query('drop schema analytics cascade');
  // The jobs of the replaced installation; each start registers its own.
  await client.query('drop schema if exists tidemark_jobs cascade');
}

async function namesOfTables(client: PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class join pg_namespace n on n.oid = relnamespace
     where nspname = 'analytics' and relkind in ('r', 'p') and not relispartition order by relname`,
  );
  return rows.map(({ name }) => name);
}

/** Rows of a table that no migration and no command that only looks has written are somebody's data. */
async function refuseData(client: PoolClient, tables: readonly string[]): Promise<void> {
  const found: string[] = [];
  for (const name of tables.filter((table) => !WRITTEN_BY_ITSELF.has(table))) {
    const { rowCount } = await client.query(`select from analytics.${client.escapeIdentifier(name)} limit 1`);
    if (rowCount !== 0) found.push(name);
  }
  if (found.length === 0) return;
  const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more tables` : '';
  throw new CodedError(
    'conflict',
    `the database has data of Tidemark already, in ${found.slice(0, MOST_NAMED).join(', ')}${more}. ` +
      'Restore into an empty one, or delete all that it has with --replace.',
  );
}

/** A service would go on with numbers of series and partitions that are no longer there. */
async function refuseWhileUsed(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select distinct application_name as name from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name ~ '^tidemark '
       and application_name !~ '^tidemark (join|restore) ' order by 1`,
  );
  if (rows.length === 0) return;
  const names = rows.map(({ name }) => name).join(', ');
  throw new CodedError(
    'conflict',
    `the database is in use by ${names}. Stop all services and commands first.`,
  );
}

async function refuseDependents(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select distinct v.oid::regclass::text as name
     from pg_depend d join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
     join pg_class v on v.oid = r.ev_class join pg_class t on t.oid = d.refobjid
     where d.refclassid = 'pg_class'::regclass and t.relnamespace = 'analytics'::regnamespace
       and v.relnamespace not in ('analytics'::regnamespace, coalesce(to_regnamespace('tidemark_jobs')::oid, 0))
     order by 1`,
  );
  if (rows.length === 0) return;
  const names = rows.map(({ name }) => name).join(', ');
  throw new CodedError(
    'conflict',
    `these views read tables of Tidemark, and would be lost: ${names}. Drop them, and create them again after the restore.`,
  );
}
