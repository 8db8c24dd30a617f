import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { openEmbedded } from '../database/embedded/open-embedded.ts';
import { readInstallation } from '../database/installation.ts';
import { createPool } from '../database/pool.ts';
import { poolSizes } from '../database/pool-sizes.ts';
import { timeQueries } from '../database/query-timing.ts';
import { openRedis } from '../database/redis.ts';
import { migrate } from '../database/schema/migrate.ts';
import { warnOfLostCommits } from '../database/session.ts';
import { UnansweredQueries } from '../database/unanswered-queries.ts';
import { HOUR, MINUTE, SECOND } from '../time.ts';
import type { AppContext } from './app-context.ts';

/** Writes may take long, because a roll-up that has fallen behind processes many events at once. */
const WRITE_TIMEOUT = 10 * MINUTE;

/** A COPY lasts as long as its destination takes the rows. */
const EXPORT_TIMEOUT = HOUR;

/** Queries that still run this long after every other part has stopped are cancelled. */
const LAST_QUERIES = 2 * SECOND;

export interface Stores {
  readPool: Pool;
  /** Only for verifying API keys: requests with a key go on while slow questions hold all connections for reading. */
  authPool: Pool;
  /** Only for batches of events. */
  storePool: Pool;
  writePool: Pool;
  /** Only for the long transactions of exports. A process without the role `worker` opens no connection of it. */
  exportPool: Pool;
  redis: Redis | undefined;
  dataLocation: string | undefined;
}

export async function openStores(context: AppContext): Promise<Stores> {
  const { config, log, metrics, onStop, startCancelled } = context;
  const embedded =
    config.databaseUrl === undefined
      ? await openEmbedded({ dataDir: config.dataDir, log, mode: 'serve', stopRequested: startCancelled })
      : undefined;
  if (embedded) onStop(() => embedded.stop());
  const connectionString = embedded?.connectionString ?? config.databaseUrl ?? '';
  await migrate(connectionString, { log, direction: 'up', stopRequested: startCancelled });
  startCancelled.throwIfAborted();

  let stopping = false;
  const onError = (error: Error) => {
    if (!stopping) log.warn({ err: error }, 'an idle connection to the database broke');
  };
  const unanswered = new UnansweredQueries();
  startCancelled.addEventListener('abort', () => unanswered.abandon(), { once: true });
  const openPool = (use: string, max: number, statementTimeoutMs: number) => {
    const applicationName = `tidemark ${use}`;
    const pool = createPool({
      connectionString,
      max,
      applicationName,
      statementTimeoutMs,
      onError,
      unanswered,
    });
    timeQueries(pool, (seconds) => metrics.querySeconds.observe({ pool: use }, seconds));
    onStop(async () => {
      stopping = true;
      const overdue = setTimeout(() => unanswered.giveUpAll(), LAST_QUERIES);
      await pool.end();
      clearTimeout(overdue);
    });
    return pool;
  };
  const sizes = poolSizes(config.databasePoolMax);
  const readPool = openPool('read', sizes.read, config.requestTimeout);
  const authPool = openPool('auth', sizes.auth, config.requestTimeout);
  const storePool = openPool('store', sizes.store, config.ingestionTimeout);
  const writePool = openPool('write', sizes.write, WRITE_TIMEOUT);
  const exportPool = openPool('export', config.exportWorkerConcurrency, EXPORT_TIMEOUT);
  await warnOfLostCommits(readPool, log);
  metrics.observePools({
    read: readPool,
    auth: authPool,
    store: storePool,
    write: writePool,
    export: exportPool,
  });

  const redis =
    config.redisUrl === undefined
      ? undefined
      : connectRedis(context, config.redisUrl, await readInstallation(readPool));
  return { readPool, authPool, storePool, writePool, exportPool, redis, dataLocation: embedded?.location };
}

function connectRedis({ log, metrics, onStop }: AppContext, url: string, installation: string): Redis {
  const redis = openRedis(url, log, { installation, onFailure: () => metrics.redisFailures.inc() });
  metrics.observeRedis(() => redis.status === 'ready');
  onStop(async () => redis.disconnect());
  return redis;
}
