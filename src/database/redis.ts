import { Redis } from 'ioredis';
import { SECOND } from '../time.ts';
import type { DatabaseLog } from './log.ts';

/** PostgreSQL answers in about this time, so waiting longer for Redis would not help. */
const COMMAND_TIMEOUT_MS = 100;

interface OpenOptions {
  /** The id of the installation. It is the prefix of all keys, because a Redis may be shared. */
  installation: string;
  /** Called for each command that failed or timed out. */
  onFailure?: () => void;
}

/** Reports each command that fails. Callers go on without the answer. */
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
 * A connection to Redis that reconnects by itself. While Redis is unreachable, every command fails at once. Every user
 * has a fallback, and data in Redis may be lost at any time.
 */
export function openRedis(url: string, log: DatabaseLog, options: OpenOptions): Redis {
  const redis = new WatchedRedis(url, options);
  let away = false;
  redis.on('ready', () => {
    if (away) log.info({}, 'Redis is connected again');
    away = false;
  });
  redis.on('error', (error) => {
    if (!away) log.warn({ err: error }, 'Redis cannot be reached; the service runs without it');
    away = true;
  });
  return redis;
}
