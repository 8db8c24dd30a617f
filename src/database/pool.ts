/** The connection pool and transactions. Works behind PgBouncer in transaction mode: no session state. */
import { Pool, type PoolClient, types } from 'pg';
import { SECOND } from '../time.ts';
import { UnansweredQueries } from './unanswered-queries.ts';

/** A pool, or a client of one that a transaction runs on. */
export type Database = Pool | PoolClient;

/** Whatever can be asked. */
export type Queries = Pick<PoolClient, 'query'>;

export interface PoolOptions {
  connectionString: string;
  /** The most connections at a time. */
  max: number;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  /** After which the server gives a statement up, and soon after the connection counts as lost; 0 never. */
  statementTimeoutMs: number;
  /** Told of connections that break while idle; the pool has dropped them by then. */
  onError: (error: Error) => void;
  /** Shared by pools to one server: when it falls silent on one of them, it has on all. */
  unanswered?: UnansweredQueries;
}

const INT8 = types.builtins.INT8;
const INT8_ARRAY = 1016;
const DATE = types.builtins.DATE;

/**
 * Reads a `bigint` as a number.
 *
 * @throws RangeError past 2^53, where a number would silently be another one. Select such a value `::text`.
 */
export function readInt8(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${text} is too large for a number; select it as text`);
}

function readInt8Array(text: string): (number | null)[] {
  return text === '{}'
    ? []
    : text
        .slice(1, -1)
        .split(',')
        .map((item) => (item === 'NULL' ? null : readInt8(item)));
}

/** `bigint` as number, `bigint[]` as numbers, `date` as `YYYY-MM-DD`; the rest as the driver has it: `timestamptz` is a Date, `numeric` a string. */
const parsers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === INT8) return readInt8;
      if (oid === INT8_ARRAY) return readInt8Array;
      if (oid === DATE) return String;
    }
    return types.getTypeParser(oid, format as 'text');
  }) as typeof types.getTypeParser,
};

/**
 * What a session asks of the server. The rest is for clients that vanish: a server that does not notice goes on
 * computing, and holds the locks of the transaction, which others wait for. A process that was killed is noticed
 * within two seconds, one whose network or machine has gone, or that no longer says anything, within twenty.
 */
const SESSION = {
  TimeZone: 'UTC',
  // Questions over a month take milliseconds; the planner, who takes them for dear, had them compiled for 100 to 400.
  jit: 'off',
  client_connection_check_interval: '2s',
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '20s',
  idle_in_transaction_session_timeout: '20s',
};
export const sessionOptions = Object.entries(SESSION)
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ');

/**
 * A pool of connections. Sessions run in UTC and with the statement timeout where the start-up parameters come
 * through; a PgBouncer is told to ignore them. Nothing may rely on either to be right.
 */
export function createPool(options: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: options.connectionString,
    max: options.max,
    application_name: options.applicationName,
    options: sessionOptions,
    statement_timeout: options.statementTimeoutMs,
    connectionTimeoutMillis: 10 * SECOND,
    idleTimeoutMillis: 60 * SECOND,
    keepAlive: true,
    // While an answer is awaited, a server whose machine has gone is noticed after 15 seconds.
    keepAliveInitialDelayMillis: 5 * SECOND,
    types: parsers,
  });
  const { unanswered = new UnansweredQueries() } = options;
  pool.on('error', options.onError);
  // A connection that breaks while it is lent out fails its query; unheard, the same event would end the process.
  pool.on('connect', (client) => {
    client.on('error', () => {});
    unanswered.watch(client, options.statementTimeoutMs);
  });
  return pool;
}

interface TransactionOptions {
  /** After which the server gives a statement of it up; that of the session by default. */
  statementTimeoutMs?: number;
}

/**
 * Runs `fn` in a transaction: committed when it returns, rolled back when it throws. Given a client that
 * is in a transaction already, `fn` joins that one, and its outcome and options are the outer one's. A connection
 * that failed is closed rather than lent out again.
 */
export async function withTransaction<T>(
  database: Database,
  fn: (client: PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  if (!(database instanceof Pool)) {
    return database.getTransactionStatus() === 'I' ? runTransaction(database, fn, options) : fn(database);
  }
  const client = await database.connect();
  try {
    return await runTransaction(client, fn, options);
  } finally {
    // Anything but idle means that commit or rollback did not come through.
    client.release(client.getTransactionStatus() !== 'I');
  }
}

async function runTransaction<T>(
  client: PoolClient,
  fn: (client: PoolClient) => Promise<T>,
  { statementTimeoutMs }: TransactionOptions,
): Promise<T> {
  // In one round trip; what is set holds for the transaction alone, and so behind a pooler too.
  const timeout =
    statementTimeoutMs === undefined
      ? ''
      : `; set local statement_timeout = ${Math.max(1, Math.round(statementTimeoutMs))}`;
  await client.query(`begin${timeout}`);
  try {
    const result = await fn(client);
    const { command } = await client.query('commit');
    // PostgreSQL answers a commit of a failed transaction with a rollback, and no error.
    if (command !== 'COMMIT') throw new Error('The transaction had failed before, and was rolled back');
    return result;
  } catch (error) {
    // A broken connection cannot roll back, and need not: the server does. The first error is the one that tells.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}
