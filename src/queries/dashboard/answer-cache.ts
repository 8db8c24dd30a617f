import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../time.ts';

/** An answer, with the time its computation began: later events may be missing from it. */
export interface CachedAnswer<T> {
  value: T;
  /** Milliseconds since the epoch, by the clock of the process that made it. */
  storedAt: number;
}

/** Keeps answers that are expensive and may be slightly old. Losing it costs time, never correctness. */
export interface AnswerCache {
  /**
   * Returns the cached answer if it is younger than `ttl` milliseconds, and computes it otherwise. A `ttl` of 0 always
   * computes. Callers of one process that want the same key at the same time share one computation. The answer has
   * always passed through JSON, and belongs to the caller.
   * @param key names everything the answer depends on, including the orgs that the caller may see
   * @throws the error of `compute`, to all callers that wait for it; nothing is cached then
   */
  get<T>(key: string, ttl: number, compute: () => Promise<T>): Promise<CachedAnswer<T>>;
}

interface CacheOptions {
  /** Shares answers between processes. While it is unreachable, each process keeps its own. */
  redis: Redis | undefined;
  clock: Clock;
  /** Version of the answers' format, such as the release: answers of another version are ignored. */
  version: string;
}

/** Characters of all answers that a process keeps. */
const MAX_CACHED_CHARACTERS = 16_000_000;
/** A longer answer is not cached. */
const MAX_ANSWER_CHARACTERS = 2_000_000;

/** A cache in Redis while that answers, and in this process otherwise. */
export function createAnswerCache({ redis, clock, version }: CacheOptions): AnswerCache {
  const kept = new LRUCache<string, string>({
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: ({ length }) => length,
  });
  const underWay = new Map<string, Promise<string>>();
  const redisKeyOf = (key: string): string => `answer:${version}:${key}`;

  const read = async (key: string): Promise<string | undefined> =>
    kept.get(key) ?? (await redis?.get(redisKeyOf(key)).catch(() => null)) ?? undefined;

  const keep = async (key: string, answer: string, ttl: number): Promise<void> => {
    if (answer.length > MAX_ANSWER_CHARACTERS) return;
    const shared = await redis?.set(redisKeyOf(key), answer, 'PX', ttl).catch(() => undefined);
    if (shared === undefined) kept.set(key, answer, { ttl });
  };

  const computeAndKeep = async (
    key: string,
    ttl: number,
    compute: () => Promise<unknown>,
  ): Promise<string> => {
    const storedAt = clock.now();
    const answer = JSON.stringify({ value: await compute(), storedAt });
    const rest = storedAt + ttl - clock.now();
    // An answer that took longer than its ttl is too old for the next caller.
    if (rest > 0) await keep(key, answer, rest);
    return answer;
  };

  return {
    async get<T>(key: string, ttl: number, compute: () => Promise<T>): Promise<CachedAnswer<T>> {
      if (ttl <= 0) return JSON.parse(await computeAndKeep(key, 0, compute));
      const known = underWay.has(key) ? undefined : parse<T>(await read(key));
      if (known && clock.now() - known.storedAt < ttl) return known;
      let computing = underWay.get(key);
      if (computing === undefined) {
        computing = computeAndKeep(key, ttl, compute).finally(() => underWay.delete(key));
        underWay.set(key, computing);
      }
      return JSON.parse(await computing);
    },
  };
}

/** `undefined` for text that this cache did not write. */
function parse<T>(text: string | undefined): CachedAnswer<T> | undefined {
  if (text === undefined) return undefined;
  try {
    const found: Partial<CachedAnswer<T>> | null = JSON.parse(text);
    if (typeof found?.storedAt === 'number' && 'value' in found) return found as CachedAnswer<T>;
  } catch {
    // Not written by this cache.
  }
  return undefined;
}
