/**
 * The PostgreSQL that Tidemark brings along, for everyone who gives it no `DATABASE_URL`: a real server
 * with its data in DATA_DIR, listening on the loopback address only. It outlives a killed Tidemark, and
 * the next start takes it over; a server that dies is started again under the same connection string.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../errors.ts';
import { SECOND, sleep } from '../../time.ts';
import { isConnectionError } from '../connection-error.ts';
import type { DatabaseLog } from '../log.ts';
import { chooseAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import { type Claim, claimDatabase, type Mode } from './claim.ts';
import { openCluster } from './cluster.ts';
import { OWNER } from './cluster-making.ts';
import { stopPostmaster } from './postmaster.ts';
import {
  connectionTo,
  ensureDatabase,
  ensureStatementCounts,
  findOrStart,
  type Ground,
  type Server,
} from './server.ts';
import { embeddedSettings, type Settings, thisMachine } from './settings.ts';

export interface EmbeddedOptions {
  dataDir: string;
  log: DatabaseLog;
  /** `serve`: the one service of the data directory. `join`: a command that uses it for a while. */
  mode: Mode;
  /** PostgreSQL settings that win over our own. */
  settings?: Settings;
  /** Gives the opening up when it aborts: it fails, as if the server could not be started. */
  stopRequested?: AbortSignal;
}

export interface EmbeddedDatabase {
  /** Stays valid while the server is started again. */
  connectionString: string;
  /** The real directory of the cluster. */
  location: string;
  /** Whether the server was already running. */
  adopted: boolean;
  /** Ends our use of it, and the server with it unless this was a command and others still use it. */
  stop(): Promise<void>;
}

type Session = Server & { claim: Claim };

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * Opens the embedded database, making it on the first start.
 *
 * @throws CodedError `unavailable` when another service uses the data directory, or PostgreSQL cannot be
 *   started; the message says why, with the last lines of its log. Nothing is left running then.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const dataDir = resolve(options.dataDir);
  const { log, mode, stopRequested } = options;
  await mkdir(dataDir, { recursive: true });
  const account = await chooseAccount({ cluster: join(dataDir, 'postgres'), checkout });
  const binaries = await findBinaries(account, log);
  const cluster = await openCluster({ dataDir, account, binaries, log });
  const settings = { ...embeddedSettings(thisMachine(), binaries.countStatements), ...options.settings };
  const ground: Ground = { dataDir, account, binaries, cluster, settings, log };

  const first = await openSession(ground, mode, { signal: stopRequested });
  const { port, pid } = first.postmaster;
  log.info(
    { location: cluster.directory, port, pid, account: account?.name },
    first.adopted ? 'the embedded PostgreSQL was running already' : 'the embedded PostgreSQL has started',
  );
  const stopping = new AbortController();
  const session = mode === 'serve' ? keepRunning(ground, first, stopping.signal) : Promise.resolve(first);

  const stop = async () => {
    stopping.abort();
    const { postmaster, claim } = await session;
    // Without its connection a command cannot know who else is there, and leaves the server to them.
    const ours = mode === 'serve' || (await claim.leave().catch(() => false));
    if (ours) await stopPostmaster(postmaster, cluster.directory);
    await claim.end();
    log.info(
      { port },
      ours ? 'the embedded PostgreSQL has stopped' : 'left the embedded PostgreSQL to others',
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

/** Finds or starts the server and claims it; once more when whoever left last has stopped it under us. */
async function openSession(
  ground: Ground,
  mode: Mode,
  again: { port?: number; signal: AbortSignal | undefined },
): Promise<Session> {
  const { cluster, dataDir } = ground;
  for (let attempt = 1; ; attempt += 1) {
    again.signal?.throwIfAborted();
    const server = await findOrStart(ground, again);
    try {
      await ensureDatabase(cluster, server.postmaster);
      if (ground.binaries.countStatements) await ensureStatementCounts(ground, server.postmaster);
      const connectionString = connectionTo(cluster, server.postmaster.port, OWNER);
      return { ...server, claim: await claimDatabase(connectionString, mode, dataDir) };
    } catch (error) {
      // Refused for another service: then that one has taken over the server we started.
      const refused = error instanceof CodedError;
      if (!server.adopted && !refused) await stopPostmaster(server.postmaster, cluster.directory);
      if (!isConnectionError(error) || attempt === 5) throw error;
    }
  }
}

/**
 * Brings the server back whenever it goes away, on the same port, until told to stop. Resolves to the last
 * session. Never rejects: while it cannot be brought back, that is logged and tried again.
 */
async function keepRunning(ground: Ground, first: Session, stopping: AbortSignal): Promise<Session> {
  const { log } = ground;
  const { port } = first.postmaster;
  const stopped = new Promise<void>((resolve) => {
    stopping.addEventListener('abort', () => resolve(), { once: true });
  });
  let session = first;
  for (let wait = 100; ; ) {
    await Promise.race([session.claim.lost, stopped]);
    if (stopping.aborted) return session;
    log.warn({ port, pid: session.postmaster.pid }, 'lost the embedded PostgreSQL');
    try {
      session = await openSession(ground, 'serve', { port, signal: stopping });
      log.info({ port, pid: session.postmaster.pid }, 'the embedded PostgreSQL is back');
      wait = 100;
    } catch (error) {
      log.warn({ error: String(error) }, 'could not bring the embedded PostgreSQL back yet');
      await sleep(wait, stopping);
      wait = Math.min(wait * 2, 5 * SECOND);
    }
  }
}
