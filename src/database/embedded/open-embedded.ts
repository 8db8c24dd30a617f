/**
 * The embedded PostgreSQL, used without `DATABASE_URL`: a real server with its data in DATA_DIR, which listens on the
 * loopback address only. It survives a killed Tidemark, and the next start adopts it. A server that dies is started
 * again with the same connection string.
 */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../errors.ts';
import { makeDataDirectory } from '../../make-directory.ts';
import { SECOND, sleep } from '../../time.ts';
import { isConnectionError } from '../connection-error.ts';
import type { DatabaseLog } from '../log.ts';
import { chooseAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import { type Claim, claimDatabase, type Mode } from './claim.ts';
import { openCluster } from './cluster.ts';
import { OWNER } from './create-cluster.ts';
import { stopPostmaster } from './postmaster.ts';
import {
  connectionTo,
  ensureDatabase,
  ensureStatementCounts,
  findOrStart,
  logFileOf,
  type Server,
  type ServerContext,
} from './server.ts';
import { boundServerLog } from './server-log.ts';
import { embeddedSettings, type Settings, thisMachine } from './settings.ts';

export interface EmbeddedOptions {
  dataDir: string;
  log: DatabaseLog;
  /** `serve` is for the only service of the data directory. `join` is for a command that uses it for a while. */
  mode: Mode;
  /** PostgreSQL settings that override our own. */
  settings?: Settings;
  /** Aborts the opening, which then fails as if the server could not be started. */
  stopRequested?: AbortSignal;
}

export interface EmbeddedDatabase {
  /** Stays valid when the server is started again. */
  connectionString: string;
  /** The real directory of the cluster. */
  location: string;
  /** Whether the server was already running. */
  adopted: boolean;
  /** Ends our use. It stops the server too, unless we are a command and others still use it. */
  stop(): Promise<void>;
}

type Session = Server & { claim: Claim };

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * Opens the embedded database. The first start creates it.
 *
 * @throws CodedError `unavailable` when another service uses the data directory, or PostgreSQL cannot start. The message
 *   has the reason and the last lines of its log. No process is left running then.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const dataDir = resolve(options.dataDir);
  const { log, mode, stopRequested } = options;
  await makeDataDirectory(dataDir);
  const account = await chooseAccount({ cluster: join(dataDir, 'postgres'), checkout });
  const binaries = await findBinaries(account, log);
  const cluster = await openCluster({ dataDir, account, binaries, log });
  const settings = { ...embeddedSettings(thisMachine(), binaries.countStatements), ...options.settings };
  const context: ServerContext = { dataDir, account, binaries, cluster, settings, log };

  const first = await openSession(context, mode, { signal: stopRequested });
  const { port, pid } = first.postmaster;
  log.info(
    { location: cluster.directory, port, pid, account: account?.name },
    first.adopted ? 'adopted the running embedded PostgreSQL' : 'the embedded PostgreSQL has started',
  );
  const stopping = new AbortController();
  const bounding =
    mode === 'serve'
      ? boundServerLog(logFileOf(dataDir), { log, stopping: stopping.signal })
      : Promise.resolve();
  const session = mode === 'serve' ? keepRunning(context, first, stopping.signal) : Promise.resolve(first);

  const stop = async () => {
    stopping.abort();
    const { postmaster, claim } = await session;
    await bounding;
    // A command that has lost its connection cannot know of other users, so it leaves the server running.
    const ours = mode === 'serve' || (await claim.leave().catch(() => false));
    if (ours) await stopPostmaster(postmaster, cluster.directory);
    await claim.end();
    log.info(
      { port },
      ours
        ? 'the embedded PostgreSQL has stopped'
        : 'left the embedded PostgreSQL running for its other users',
    );
  };
  let stopped: Promise<void> | undefined;
  return {
    connectionString: connectionTo(cluster, port, OWNER),
    location: cluster.directory,
    adopted: first.adopted,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Finds or starts the server and claims it. Tries again if the last user stopped it in between. */
async function openSession(
  context: ServerContext,
  mode: Mode,
  options: { port?: number; signal: AbortSignal | undefined },
): Promise<Session> {
  const { cluster, dataDir } = context;
  for (let attempt = 1; ; attempt += 1) {
    options.signal?.throwIfAborted();
    const server = await findOrStart(context, options);
    try {
      await ensureDatabase(cluster, server.postmaster);
      if (context.binaries.countStatements) await ensureStatementCounts(context, server.postmaster);
      const connectionString = connectionTo(cluster, server.postmaster.port, OWNER);
      return { ...server, claim: await claimDatabase(connectionString, mode, dataDir) };
    } catch (error) {
      // A coded error means that another service has the claim, and has adopted the server that we started.
      const refused = error instanceof CodedError;
      if (!server.adopted && !refused) await stopPostmaster(server.postmaster, cluster.directory);
      if (!isConnectionError(error) || attempt === 5) throw error;
    }
  }
}

/**
 * Restarts the server on the same port whenever it dies, until `stopping` aborts. Resolves to the last session. It never
 * rejects: a failed restart is logged and tried again.
 */
async function keepRunning(context: ServerContext, first: Session, stopping: AbortSignal): Promise<Session> {
  const { log } = context;
  const { port } = first.postmaster;
  const stopped = new Promise<void>((resolve) => {
    stopping.addEventListener('abort', () => resolve(), { once: true });
  });
  let session = first;
  for (let wait = 100; ; ) {
    await Promise.race([session.claim.lost, stopped]);
    if (stopping.aborted) return session;
    log.warn({ port, pid: session.postmaster.pid }, 'lost the embedded PostgreSQL; restarting it');
    try {
      session = await openSession(context, 'serve', { port, signal: stopping });
      log.info({ port, pid: session.postmaster.pid }, 'restarted the embedded PostgreSQL');
      wait = 100;
    } catch (error) {
      log.warn({ error: String(error) }, 'could not restart the embedded PostgreSQL; trying again');
      await sleep(wait, stopping);
      wait = Math.min(wait * 2, 5 * SECOND);
    }
  }
}
