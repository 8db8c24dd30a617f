import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { openEmbedded } from '../database/embedded/open-embedded.ts';
import { readInstallation } from '../database/installation.ts';
import { createPool } from '../database/pool.ts';
import { timeQueries } from '../database/query-timing.ts';
import { openRedis } from '../database/redis.ts';
import { migrate } from '../database/schema/migrate.ts';
import { UnansweredQueries } from '../database/unanswered-queries.ts';
import { MINUTE, SECOND } from '../time.ts';
import type { Ground } from './ground.ts';

/** Writes are allowed to take long: a roll-up that has fallen behind has much to do at once. */
const WRITE_TIMEOUT = 10 * MINUTE;

/** What is still asked of the database after everything has stopped is given up after so long. */
const LAST_QUERIES = 2 * SECOND;

export interface Stores {
  readPool: Pool;
  /** For batches of events alone. */
  storePool: Pool;
  writePool: Pool;
  redis: Redis | undefined;
  dataLocation: string | undefined;
}

export async function openStores(ground: Ground): Promise<Stores> {
  const { config, log, metrics, onStop, givenUp } = ground;
  const embedded =
    config.databaseUrl === undefined
      ? await openEmbedded({ dataDir: config.dataDir, log, mode: 'serve', stopRequested: givenUp })
      : undefined;
  if (embedded) onStop(() => embedded.stop());
  const connectionString = embedded?.connectionString ?? config.databaseUrl ?? '';
  await migrate(connectionString, { log, direction: 'up', stopRequested: givenUp });
  givenUp.throwIfAborted();

  let stopping = false;
  const onError = (error: Error) => {
    if (!stopping) log.warn({ err: error }, 'lost an idle connection to the database');
  };
  const unanswered = new UnansweredQueries();
  givenUp.addEventListener('abort', () => unanswered.abandon(), { once: true });
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
  // Apart, so that neither a slow question nor a burst of events nor a long roll-up keeps the others from a connection.
  const readConnections = Math.max(1, Math.floor(config.databasePoolMax * 0.4));
  const storeConnections = Math.max(1, Math.floor(config.databasePoolMax * 0.3));
  const writeConnections = config.databasePoolMax - readConnections - storeConnections;
  const readPool = openPool('read', readConnections, config.requestTimeout);
  const storePool = openPool('store', storeConnections, config.ingestionTimeout);
  const writePool = openPool('write', writeConnections, WRITE_TIMEOUT);
  metrics.observePools({ read: readPool, store: storePool, write: writePool });

  const redis =
    config.redisUrl === undefined
      ? undefined
      : connectRedis(ground, config.redisUrl, await readInstallation(readPool));
  return { readPool, storePool, writePool, redis, dataLocation: embedded?.location };
}

function connectRedis({ log, metrics, onStop }: Ground, url: string, installation: string): Redis {
  const redis = openRedis(url, log, { installation, onFailure: () => metrics.redisFailures.inc() });
  metrics.observeRedis(() => redis.status === 'ready');
  onStop(async () => redis.disconnect());
  return redis;
}
