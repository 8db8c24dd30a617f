/** The connection pool and transactions. Works behind PgBouncer in transaction mode: no session state. */
import { Pool, type PoolClient, type QueryResult, types } from 'pg';
import { SECOND } from '../time.ts';
import { sessionOf } from './session.ts';
import { UnansweredQueries } from './unanswered-queries.ts';

/** A pool, or a client of one that a transaction runs on. */
export type Database = Pool | PoolClient;

/** Anything that runs queries. */
export type Queryable = Pick<PoolClient, 'query'>;

export interface PoolOptions {
  connectionString: string;
  /** Maximum number of connections. */
  max: number;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  /** Timeout after which the server cancels a statement. Soon after it the connection counts as lost. 0 disables it. */
  statementTimeoutMs: number;
  /** Receives the errors of idle connections, which the pool has already removed. */
  onError: (error: Error) => void;
  /** Shared by all pools to one server: if it is silent on one pool, it is on all of them. */
  unanswered?: UnansweredQueries;
}

const INT8 = types.builtins.INT8;
const INT8_ARRAY = 1016;
const DATE = types.builtins.DATE;

/**
 * Reads a `bigint` as a number.
 *
 * @throws RangeError beyond 2^53, where a number would silently lose precision. Select such a value as `::text`.
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

/**
 * Reads `bigint` as a number, `bigint[]` as numbers and `date` as `YYYY-MM-DD`. Other types are read by the driver:
 * `timestamptz` as a Date, `numeric` as a string.
 */
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
 * Creates a pool of connections. Sessions run with the settings of `session.ts` and the statement timeout, unless a
 * PgBouncer drops the start-up parameters. So no code may depend on UTC or the timeout for correctness.
 */
export function createPool(options: PoolOptions): Pool {
  const pool = new Pool({
    ...sessionOf(options.connectionString),
    max: options.max,
    application_name: options.applicationName,
    statement_timeout: options.statementTimeoutMs,
    connectionTimeoutMillis: 10 * SECOND,
    idleTimeoutMillis: 60 * SECOND,
    keepAlive: true,
    // A server whose machine is lost while we wait for an answer is noticed after 15 seconds.
    keepAliveInitialDelayMillis: 5 * SECOND,
    types: parsers,
  });
  const { unanswered = new UnansweredQueries() } = options;
  pool.on('error', options.onError);
  // A connection that breaks in use fails its query. Without a listener the same event would end the process.
  pool.on('connect', (client) => {
    client.on('error', () => {});
    unanswered.watch(client, options.statementTimeoutMs);
  });
  return pool;
}

/** The rows of the last opening statement; none without one. */
type OpeningRows = readonly Record<string, unknown>[];

type InTransaction<T> = (client: PoolClient, openingRows: OpeningRows) => Promise<T>;

interface TransactionOptions {
  /** Timeout of each statement in the transaction; by default that of the session. */
  statementTimeoutMs?: number;
  /** The first statements, without parameters. They are sent together with `begin`, which saves a round trip. */
  opening?: string;
}

/**
 * Runs `fn` in a transaction, which is committed when `fn` returns and rolled back when it throws. If the client is in a
 * transaction already, `fn` joins it, with its outcome and options. A failed connection is closed and not reused.
 */
export async function withTransaction<T>(
  database: Database,
  fn: InTransaction<T>,
  options: TransactionOptions = {},
): Promise<T> {
  if (!(database instanceof Pool)) {
    if (database.getTransactionStatus() === 'I') return runTransaction(database, fn, options);
    return fn(
      database,
      options.opening === undefined ? [] : lastRowsOf(await database.query(options.opening)),
    );
  }
  const client = await database.connect();
  try {
    return await runTransaction(client, fn, options);
  } finally {
    // Any status but idle means that the commit or rollback did not arrive.
    client.release(client.getTransactionStatus() !== 'I');
  }
}

async function runTransaction<T>(
  client: PoolClient,
  fn: InTransaction<T>,
  { statementTimeoutMs, opening }: TransactionOptions,
): Promise<T> {
  // One round trip. The setting is local to the transaction, so it works behind a pooler too.
  const timeout =
    statementTimeoutMs === undefined
      ? ''
      : `; set local statement_timeout = ${Math.max(1, Math.round(statementTimeoutMs))}`;
  try {
    const begin = opening === undefined ? `begin${timeout}` : `begin${timeout}; ${opening}`;
    const result = await fn(client, lastRowsOf(await client.query(begin)));
    // The function may have sent the commit with its last statement.
    if (client.getTransactionStatus() === 'I') return result;
    const { command } = await client.query('commit');
    // PostgreSQL answers the commit of a failed transaction with a rollback, but without an error.
    if (command !== 'COMMIT') throw new Error('The transaction had failed before and was rolled back');
    return result;
  } catch (error) {
    // On a broken connection the server rolls back by itself. The first error is the meaningful one.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** The driver returns a list of results if there are several statements. */
function lastRowsOf(answer: QueryResult | QueryResult[]): OpeningRows {
  return [answer].flat().at(-1)?.rows ?? [];
}
