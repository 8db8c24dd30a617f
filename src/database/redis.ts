import { Redis } from 'ioredis';
import { SECOND } from '../time.ts';
import type { DatabaseLog } from './log.ts';

/** PostgreSQL answers in about this time; waiting longer for Redis would be no help. */
const COMMAND_TIMEOUT_MS = 100;

interface OpenOptions {
  /** The id of the installation, which all names of keys begin with: a Redis may be shared with others. */
  installation: string;
  /** Told of each command that failed or was not answered in time. */
  onFailure?: () => void;
}

/** Tells of each command that fails: whoever sent it goes on without. */
class WatchedRedis extends Redis {
  readonly #onFailure: () => void;

  constructor(url: string, { installation, onFailure = () => {} }: OpenOptions) {
    super(url, {
      keyPrefix: `tidemark:${installation}:`,
      commandTimeout: COMMAND_TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(attempt * 200, 5 * SECOND),
    });
    this.#onFailure = onFailure;
  }

  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const [command] = sent;
    command.promise.catch(() => this.#onFailure());
    return super.sendCommand(...sent);
  }
}

/**
 * A connection to Redis that comes back by itself. While Redis is away every command fails at once: whoever
 * uses it has another way, and what Redis holds may be lost at any time.
 */
export function openRedis(url: string, log: DatabaseLog, options: OpenOptions): Redis {
  const redis = new WatchedRedis(url, options);
  let away = false;
  redis.on('ready', () => {
    if (away) log.info({}, 'Redis is back');
    away = false;
  });
  redis.on('error', (error) => {
    if (!away) log.warn({ err: error }, 'Redis is away; the service goes on without it');
    away = true;
  });
  return redis;
}
