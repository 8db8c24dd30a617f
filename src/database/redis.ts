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
  readonly #onFailure: (error: Error) => void;

  constructor(url: string, installation: string, onFailure: (error: Error) => void) {
    super(url, {
      keyPrefix: `tidemark:${installation}:`,
      // Releases before 7.2 refuse the name and version of the client, which would count as a failure.
      disableClientInfo: true,
      commandTimeout: COMMAND_TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(attempt * 200, 5 * SECOND),
    });
    this.#onFailure = onFailure;
  }

  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const [command] = sent;
    command.promise.catch((error: Error) => this.#onFailure(error));
    return super.sendCommand(...sent);
  }
}

/**
 * A connection to Redis that reconnects by itself. While Redis is unreachable, every command fails at once. Every user
 * has a fallback, and data in Redis may be lost at any time.
 */
export function openRedis(url: string, log: DatabaseLog, options: OpenOptions): Redis {
  const refusals = new Set<string>();
  const redis = new WatchedRedis(url, options.installation, (error) => {
    const code = codeOf(error);
    // The client sends the script itself next.
    if (code === 'NOSCRIPT') return;
    options.onFailure?.();
    // Each refusal is logged once, not for every command: a full Redis, a missing permission, a node of a cluster.
    if (error.name !== 'ReplyError' || refusals.has(code)) return;
    refusals.add(code);
    log.warn({ err: error }, explain(code));
  });
  let away = false;
  redis.on('ready', () => {
    refusals.clear();
    if (away) log.info({}, 'Redis is connected again');
    away = false;
  });
  redis.on('error', (error) => {
    if (!away) log.warn({ err: error }, 'Redis cannot be reached; the service runs without it');
    away = true;
  });
  return redis;
}

/** The first word of an error reply, such as `OOM` or `MOVED`. */
function codeOf({ message }: Error): string {
  return message.split(' ', 1)[0] ?? '';
}

function explain(code: string): string {
  return /^(MOVED|ASK|CROSSSLOT|CLUSTERDOWN)$/.test(code)
    ? 'REDIS_URL is a node of a Redis Cluster, which Tidemark cannot use; give it a Redis that is no cluster'
    : 'Redis is connected and refuses commands; the service runs without them';
}
