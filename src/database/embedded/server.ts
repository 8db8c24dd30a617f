/** Finds or starts a server for a cluster, whatever state the last server left. */
import { join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { CodedError } from '../../errors.ts';
import { MINUTE, SECOND, sleep } from '../../time.ts';
import type { DatabaseLog } from '../log.ts';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { OWNER } from './create-cluster.ts';
import { findFreePort } from './free-port.ts';
import { findPostmaster, lastPort, type Postmaster, startPostmaster, stopPostmaster } from './postmaster.ts';
import { quitOrphans } from './process.ts';
import type { Settings } from './settings.ts';

export interface Server {
  postmaster: Postmaster;
  /** Whether it was already running. */
  adopted: boolean;
}

/** Everything needed to start a server. */
export interface ServerContext {
  dataDir: string;
  account: Account;
  binaries: Binaries;
  cluster: Cluster;
  settings: Settings;
  log: DatabaseLog;
}

/** Time for failed starts, which mostly wait for processes of the last server to end. */
const START_TIMEOUT = 60 * SECOND;
/** Time for a server that runs but is not ready: it replays its log, or shuts down. */
const READY_TIMEOUT = 10 * MINUTE;
/** Time after which processes of the last server are ended. */
const ORPHAN_TIMEOUT = 2 * SECOND;

/** The log of the server of a data directory. */
export function logFileOf(dataDir: string): string {
  return join(dataDir, 'postgres.log');
}

/** A libpq URL for one of the cluster's databases. */
export function connectionTo({ password }: Cluster, port: number, database: string): string {
  return `postgresql://${OWNER}:${password}@127.0.0.1:${port}/${database}`;
}

/**
 * Finds the running server of the cluster, or starts one. It listens on `port` if given, else on the port of the last
 * server, else on any free port.
 *
 * @throws CodedError `unavailable` with the end of PostgreSQL's log when the server does not start, or when the signal
 *   aborts.
 */
export async function findOrStart(
  context: ServerContext,
  { port, signal }: { port?: number; signal: AbortSignal | undefined },
): Promise<Server> {
  const { cluster, log } = context;
  const logFile = logFileOf(context.dataDir);
  const begun = Date.now();
  let trouble = 'The server runs, but does not answer.';
  for (;;) {
    const running = await findPostmaster(cluster.directory);
    const waited = Date.now() - begun;
    if (running) {
      const state = await probe(cluster, running.port);
      const elsewhere = state === 'moved' || (port !== undefined && running.port !== port);
      if (elsewhere) await stopPostmaster(running, cluster.directory);
      else if (state === 'ready') return { postmaster: running, adopted: true };
      else if (waited > READY_TIMEOUT) break;
    } else {
      const outcome = await startPostmaster({
        ...context,
        postgres: context.binaries.postgres,
        directory: cluster.directory,
        port: port ?? (await findFreePort(await lastPort(cluster.directory))),
        logFile,
        stopRequested: signal,
      });
      if (outcome.kind === 'started') return { postmaster: outcome.postmaster, adopted: false };
      trouble = outcome.logTail;
      log.debug({ reason: outcome.reason, trouble }, 'the embedded PostgreSQL did not start');
      if (outcome.reason === 'other' || waited > START_TIMEOUT) break;
      if (outcome.reason === 'cluster_busy' && waited > ORPHAN_TIMEOUT) {
        const orphans = await quitOrphans(cluster.directory, context.account);
        if (orphans.length > 0) log.warn({ orphans }, 'ended leftover sessions of a killed PostgreSQL');
      }
    }
    if (signal?.aborted) break;
    await sleep(100, signal);
  }
  throw new CodedError(
    'unavailable',
    `The embedded PostgreSQL does not start. The end of its log ${logFile}:\n${trouble}`,
  );
}

/**
 * Checks the state of the server on the port. `moved` means that its directory was renamed while it ran, so that it
 * would write to the wrong place.
 *
 * @throws CodedError `unavailable` when it refuses our password.
 */
async function probe(cluster: Cluster, port: number): Promise<'ready' | 'waiting' | 'moved'> {
  const client = new Client({
    connectionString: connectionTo(cluster, port, 'postgres'),
    connectionTimeoutMillis: 5 * SECOND,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ directory: string }>(
      `select current_setting('data_directory') as directory`,
    );
    return rows[0]?.directory === cluster.directory ? 'ready' : 'moved';
  } catch (cause) {
    if (cause instanceof DatabaseError && cause.code?.startsWith('28')) {
      throw new CodedError(
        'unavailable',
        `The embedded PostgreSQL in ${cluster.directory} refuses the password in its file tidemark.password: ${cause.message}`,
        { cause },
      );
    }
    return 'waiting';
  } finally {
    await client.end().catch(() => {});
  }
}

/** Creates our database if it does not exist. */
export async function ensureDatabase(cluster: Cluster, { port }: Postmaster): Promise<void> {
  try {
    await withClient(connectionTo(cluster, port, 'postgres'), async (client) => {
      const { rowCount } = await client.query('select from pg_database where datname = $1', [OWNER]);
      if (!rowCount) await client.query(`create database ${OWNER}`);
    });
  } catch (error) {
    // Another start was faster. The error comes from the name check or from the catalogue's unique index.
    const duplicate = error instanceof DatabaseError && (error.code === '42P04' || error.code === '23505');
    if (!duplicate) throw error;
  }
}

/** Enables statement counts in our database. Everything else works without them. */
export async function ensureStatementCounts(
  { cluster, log }: ServerContext,
  { port }: Postmaster,
): Promise<void> {
  try {
    await withClient(connectionTo(cluster, port, OWNER), (client) =>
      client.query('create extension if not exists pg_stat_statements'),
    );
  } catch (error) {
    log.debug({ error: (error as Error).message }, 'the embedded PostgreSQL cannot count statements');
  }
}

async function withClient(
  connectionString: string,
  work: (client: Client) => Promise<unknown>,
): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 10 * SECOND });
  client.on('error', () => {});
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
