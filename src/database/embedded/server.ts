/** Gets a server for a cluster, whatever the last one left behind. */
import { join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { CodedError } from '../../errors.ts';
import { MINUTE, SECOND, sleep } from '../../time.ts';
import type { DatabaseLog } from '../log.ts';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { OWNER } from './cluster-making.ts';
import { findFreePort } from './free-port.ts';
import { findPostmaster, lastPort, type Postmaster, startPostmaster, stopPostmaster } from './postmaster.ts';
import { quitOrphans } from './process.ts';
import type { Settings } from './settings.ts';

export interface Server {
  postmaster: Postmaster;
  /** Whether it was already running. */
  adopted: boolean;
}

/** All that starting a server takes. */
export interface Ground {
  dataDir: string;
  account: Account;
  binaries: Binaries;
  cluster: Cluster;
  settings: Settings;
  log: DatabaseLog;
}

/** For failed starts, which mostly wait for remains of the last server to end. */
const START_PATIENCE = 60 * SECOND;
/** For a server that is there but not ready: it replays its log, or shuts down. */
const READY_PATIENCE = 10 * MINUTE;
/** After which remains of the last server are ended rather than waited for. */
const ORPHAN_PATIENCE = 2 * SECOND;

/** A libpq URL for one of the cluster's databases. */
export function connectionTo({ password }: Cluster, port: number, database: string): string {
  return `postgresql://${OWNER}:${password}@127.0.0.1:${port}/${database}`;
}

/**
 * The running server of the cluster, or a new one. It listens on `port` when that is given, else where
 * the last one did, else on any free port.
 *
 * @throws CodedError `unavailable` with the end of PostgreSQL's log when it does not start, or when the
 *   signal aborts.
 */
export async function findOrStart(
  ground: Ground,
  { port, signal }: { port?: number; signal: AbortSignal | undefined },
): Promise<Server> {
  const { cluster, log } = ground;
  const logFile = join(ground.dataDir, 'postgres.log');
  const begun = Date.now();
  let trouble = 'It is there, but does not answer.';
  for (;;) {
    const running = await findPostmaster(cluster.directory);
    const waited = Date.now() - begun;
    if (running) {
      const state = await probe(cluster, running.port);
      const elsewhere = state === 'moved' || (port !== undefined && running.port !== port);
      if (elsewhere) await stopPostmaster(running, cluster.directory);
      else if (state === 'ready') return { postmaster: running, adopted: true };
      else if (waited > READY_PATIENCE) break;
    } else {
      const outcome = await startPostmaster({
        ...ground,
        postgres: ground.binaries.postgres,
        directory: cluster.directory,
        port: port ?? (await findFreePort(await lastPort(cluster.directory))),
        logFile,
        stopRequested: signal,
      });
      if (outcome.kind === 'started') return { postmaster: outcome.postmaster, adopted: false };
      trouble = outcome.logTail;
      log.debug({ reason: outcome.reason, trouble }, 'the embedded PostgreSQL did not start');
      if (outcome.reason === 'other' || waited > START_PATIENCE) break;
      if (outcome.reason === 'busy' && waited > ORPHAN_PATIENCE) {
        const orphans = await quitOrphans(cluster.directory, ground.account);
        if (orphans.length > 0) log.warn({ orphans }, 'ended sessions of a PostgreSQL that was killed');
      }
    }
    if (signal?.aborted) break;
    await sleep(100, signal);
  }
  throw new CodedError(
    'unavailable',
    `The embedded PostgreSQL does not start. The end of its log, ${logFile}:\n${trouble}`,
  );
}

/**
 * Asks the server on the port how it is. `moved`: its directory was renamed under it, so that it would
 * write to the wrong place.
 *
 * @throws CodedError `unavailable` when it does not know our password.
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
        `The embedded PostgreSQL in ${cluster.directory} refuses the password kept there: ${cause.message}`,
        { cause },
      );
    }
    return 'waiting';
  } finally {
    await client.end().catch(() => {});
  }
}

/** Creates our database unless it is there. */
export async function ensureDatabase(cluster: Cluster, { port }: Postmaster): Promise<void> {
  try {
    await withClient(connectionTo(cluster, port, 'postgres'), async (client) => {
      const { rowCount } = await client.query('select from pg_database where datname = $1', [OWNER]);
      if (!rowCount) await client.query(`create database ${OWNER}`);
    });
  } catch (error) {
    // Another start was faster, told by the name or by the catalogue's unique index.
    const duplicate = error instanceof DatabaseError && (error.code === '42P04' || error.code === '23505');
    if (!duplicate) throw error;
  }
}

/** Lets the counts of statements be read in our database. Without them everything else works. */
export async function ensureStatementCounts({ cluster, log }: Ground, { port }: Postmaster): Promise<void> {
  try {
    await withClient(connectionTo(cluster, port, OWNER), (client) =>
      client.query('create extension if not exists pg_stat_statements'),
    );
  } catch (error) {
    log.debug({ error: (error as Error).message }, 'the embedded PostgreSQL does not count statements');
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
