/** The settings of each session: those that Tidemark relies on, whatever the server, database or role has. */
import type { PoolClient } from 'pg';
import { CodedError } from '../errors.ts';
import type { DatabaseLog } from './log.ts';

type Queryable = Pick<PoolClient, 'query'>;

/** Other values change what our statements mean, or what the driver reads. So a session without them is refused. */
const REQUIRED = {
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  // The shortest text that is read as the same number again.
  extra_float_digits: '1',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  // Writers that wait for the same id, and workers that skip locked rows, must see what others have committed.
  default_transaction_isolation: 'read committed',
};

/** Behind a PgBouncer that drops start-up parameters these may differ. So nothing depends on them for correctness. */
const PREFERRED = {
  TimeZone: 'UTC',
  // A pool sets its own limit. A migration and a command have none.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_session_timeout: '0',
  // Queries over a month take milliseconds. The planner overestimates them, and spent 100 to 400 ms compiling them.
  jit: 'off',
  // The rest make the server notice a client that vanished. Otherwise it would go on computing, and hold locks that
  // others wait for. It notices a killed process within two seconds. It notices a lost machine or network, or a silent
  // client, within twenty.
  client_connection_check_interval: '2s',
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '20s',
  idle_in_transaction_session_timeout: '20s',
  // Without Citus this is a name that means nothing. With it, a transaction has one connection to each node in place of one
  // for each shard. Each connection costs a two-phase commit, and all but the first are made anew.
  'citus.multi_shard_modify_mode': 'sequential',
};

const ours = Object.entries({ ...REQUIRED, ...PREFERRED })
  .map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`)
  .join(' ');

/**
 * The URL and the start-up options of a session. The driver would let `options` of the URL replace ours, so they are
 * taken out of the URL and follow ours. A setting in the URL wins over the same setting of ours.
 */
export function sessionOf(connectionString: string): { connectionString: string; options: string } {
  if (!URL.canParse(connectionString)) return { connectionString, options: ours };
  const url = new URL(connectionString);
  const given = url.searchParams.get('options');
  if (given === null) return { connectionString, options: ours };
  url.searchParams.delete('options');
  return { connectionString: url.href, options: `${ours} ${given}` };
}

/**
 * Checks that the session has the settings that results depend on. It may lack them only if something between us and
 * the server drops start-up options, as an older PgBouncer does, or if the URL sets others.
 *
 * @throws {CodedError} `unavailable`, with the statements that give them to the role
 * @throws the database's error
 */
export async function checkSession(database: Queryable): Promise<void> {
  const { rows } = await database.query<{ name: string; setting: string; user: string }>(
    `select wanted.name, current_setting(wanted.name) as setting, quote_ident(current_user) as user
     from unnest($1::text[]) as wanted (name)`,
    [Object.keys(REQUIRED)],
  );
  const wanted = new Map<string, string>(Object.entries(REQUIRED));
  const wrong = rows.filter(({ name, setting }) => !agrees(name, setting, wanted.get(name) ?? ''));
  if (wrong.length === 0) return;
  const statements = wrong.map(
    ({ name, user }) => `  alter role ${user} set ${name.toLowerCase()} = '${wanted.get(name)}';`,
  );
  throw new CodedError(
    'unavailable',
    [
      `The sessions of DATABASE_URL have ${wrong.map(({ name, setting }) => `${name} = '${setting}'`).join(', ')}, with which numbers would be wrong.`,
      'Tidemark asks for other values, but the URL or a connection pooler replaces them. Leave them out of the URL, or run:',
      ...statements,
    ].join('\n'),
  );
}

function agrees(name: string, setting: string, wanted: string): boolean {
  if (name === 'DateStyle') return setting.startsWith('ISO');
  if (name === 'extra_float_digits') return Number(setting) >= Number(wanted);
  return setting === wanted;
}

/**
 * Warns if the server may lose committed transactions in a crash. An operator may want that, for speed. Then an
 * acknowledgement of Tidemark promises less.
 *
 * @throws the database's error
 */
export async function warnOfLostCommits(database: Queryable, log: DatabaseLog): Promise<void> {
  const { rows } = await database.query<{ name: string }>(
    `select name from pg_settings where name in ('fsync', 'synchronous_commit') and setting = 'off' order by name`,
  );
  if (rows.length === 0) return;
  const settings = rows.map(({ name }) => name);
  log.warn(
    { settings },
    'acknowledged events may be lost in a crash, because PostgreSQL has these settings off',
  );
}
