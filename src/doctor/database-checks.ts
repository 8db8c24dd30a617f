import type { Pool } from 'pg';
import { eventStorage } from '../database/extensions/timescaledb.ts';
import { pendingMigrations } from '../database/schema/migrate.ts';
import { checkSession } from '../database/session.ts';
import { SECOND } from '../time.ts';
import { bad, type Check, type Finding, ok, warn } from './check.ts';

/** The oldest release of PostgreSQL that is tested. */
const OLDEST = 15;
/** A clock that differs by more than this moves events into other buckets, or has them refused. */
const CLOCK_WARN = 2 * SECOND;
const CLOCK_BAD = 60 * SECOND;

/** Looks at the database that `pool` connects to. @param poolMax connections that one process may take */
export function databaseChecks(pool: Pool, poolMax: number): Check[] {
  const check = (name: string, advice: string, look: Check['look']): Check => ({
    name: `PostgreSQL: ${name}`,
    advice,
    look,
  });
  const reach = 'See that the server runs, and that DATABASE_URL names its host, port, database and role.';
  return [
    check('version', reach, () => version(pool)),
    check('session', 'Run the statements that are named.', async () => {
      await checkSession(pool);
      return ok('sessions have the settings that results depend on');
    }),
    check('durability', reach, () => durability(pool)),
    check('role', reach, () => role(pool)),
    check('schema', reach, () => schema(pool)),
    check('connections', reach, () => connections(pool, poolMax)),
    check('clock', reach, () => clock(pool)),
    check('extensions', reach, () => extensions(pool)),
  ];
}

async function version(pool: Pool): Promise<Finding> {
  const { rows } = await pool.query<{ number: string; name: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as name`,
  );
  const major = Math.floor(Number(rows[0]?.number) / 10_000);
  const found = `PostgreSQL ${rows[0]?.name}`;
  return major >= OLDEST ? ok(found) : bad(found, `Use PostgreSQL ${OLDEST} or later.`);
}

async function durability(pool: Pool): Promise<Finding> {
  const { rows } = await pool.query<{ name: string }>(
    `select name from pg_settings
     where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting = 'off' order by name`,
  );
  if (rows.length === 0) return ok('committed transactions survive a crash');
  const names = rows.map(({ name }) => name).join(', ');
  return warn(`off: ${names}`, 'Acknowledged events may be lost in a crash. Switch these settings on.');
}

async function role(pool: Pool): Promise<Finding> {
  const { rows } = await pool.query<{ name: string; creates: boolean; owns: boolean; monitors: boolean }>(
    `select current_user as name,
       has_database_privilege(current_database(), 'create') as creates,
       coalesce((select pg_has_role(nspowner, 'usage') from pg_namespace where nspname = 'analytics'), true) as owns,
       pg_has_role('pg_monitor', 'usage') as monitors`,
  );
  const [found] = rows;
  if (!found?.owns)
    return bad(
      `the schema analytics belongs to another role than ${found?.name}`,
      'Connect as its owner. Only the owner can migrate it and add partitions.',
    );
  if (!found.creates)
    return bad(
      `${found.name} may not create schemas`,
      `Run as the owner of the database: grant create on database … to ${found.name}.`,
    );
  if (!found.monitors)
    return warn(
      `${found.name} may not read the statistics of other roles`,
      `To show them on the dashboard: grant pg_monitor to ${found.name}.`,
    );
  return ok(`${found.name} has the rights it needs`);
}

async function schema(pool: Pool): Promise<Finding> {
  const pending = await pendingMigrations(pool);
  if (pending.length === 0) return ok('all migrations have run');
  return warn(
    `${pending.length} migrations have not run, the first is ${pending[0]}`,
    'The next start runs them, or run: npx tidemark migrate. Back up first.',
  );
}

async function connections(pool: Pool, poolMax: number): Promise<Finding> {
  const { rows } = await pool.query<{ most: number; used: number }>(
    `select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most,
       (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`,
  );
  const { most = 0, used = 0 } = rows[0] ?? {};
  const found = `${used} of ${most} connections are in use; a process takes up to ${poolMax}`;
  if (most - used >= poolMax) return ok(found);
  return warn(found, 'Raise max_connections, lower DATABASE_POOL_MAX, or end other clients.');
}

async function clock(pool: Pool): Promise<Finding> {
  const asked = Date.now();
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  const answered = Date.now();
  const now = rows[0]?.now.getTime() ?? 0;
  // The database answered at some time in between.
  const off = Math.max(0, asked - now, now - answered);
  const found = `the clocks of this machine and of the database differ by ${(off / SECOND).toFixed(1)} s`;
  if (off <= CLOCK_WARN) return ok(found);
  const advice = 'Synchronise both clocks, for example with chrony.';
  return off <= CLOCK_BAD ? warn(found, advice) : bad(found, advice);
}

async function extensions(pool: Pool): Promise<Finding> {
  const { rows } = await pool.query<{ name: string }>(
    `select extname as name from pg_extension where extname <> 'plpgsql' order by 1`,
  );
  if (rows.some(({ name }) => name === 'timescaledb') && (await eventStorage(pool)) === 'convertible')
    return warn(
      'TimescaleDB is installed, but raw events are not a hypertable',
      'Run: npx tidemark timescaledb convert.',
    );
  if (!rows.some(({ name }) => name === 'pg_stat_statements'))
    return warn(
      'pg_stat_statements is missing, so the dashboard shows no slow statements',
      'Add it to shared_preload_libraries, and run: create extension pg_stat_statements.',
    );
  return ok(rows.map(({ name }) => name).join(', '));
}
