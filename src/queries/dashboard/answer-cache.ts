import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../time.ts';

/** An answer, and when it began to be made: it knows of everything before, and perhaps of nothing after. */
export interface Remembered<T> {
  value: T;
  /** Milliseconds since the epoch, by the clock of the process that made it. */
  storedAt: number;
}

/** Keeps answers that are dear to make and may be a little old. Losing it costs time, never correctness. */
export interface AnswerCache {
  /**
   * The answer to a question, made anew unless there is one that is younger than `ttl` milliseconds; 0 always
   * makes it anew. Callers in one process who ask the same at the same time wait for one making. What comes
   * back has always been through JSON, and is the caller's own.
   * @param key names the question and all that its answer depends on, the orgs that the caller may see included
   * @throws what `make` throws, to all who wait; nothing is kept then
   */
  get<T>(key: string, ttl: number, make: () => Promise<T>): Promise<Remembered<T>>;
}

interface CacheOptions {
  /** Shares answers between processes. While it is away, each keeps its own. */
  redis: Redis | undefined;
  clock: Clock;
  /** Says what answers look like, such as the release: those of another version are not read. */
  version: string;
}

/** Characters of answers that a process keeps, and of one that is kept at all. */
const KEPT = 16_000_000;
const LARGEST = 2_000_000;

/** In Redis where there is one that answers, and in this process otherwise. */
export function createAnswerCache({ redis, clock, version }: CacheOptions): AnswerCache {
  const kept = new LRUCache<string, string>({ maxSize: KEPT, sizeCalculation: ({ length }) => length });
  const underWay = new Map<string, Promise<string>>();
  const placeOf = (key: string): string => `answer:${version}:${key}`;

  const read = async (key: string): Promise<string | undefined> =>
    kept.get(key) ?? (await redis?.get(placeOf(key)).catch(() => null)) ?? undefined;

  const keep = async (key: string, answer: string, ttl: number): Promise<void> => {
    if (answer.length > LARGEST) return;
    const shared = await redis?.set(placeOf(key), answer, 'PX', ttl).catch(() => undefined);
    if (shared === undefined) kept.set(key, answer, { ttl });
  };

  const makeAndKeep = async (key: string, ttl: number, make: () => Promise<unknown>): Promise<string> => {
    const storedAt = clock.now();
    const answer = JSON.stringify({ value: await make(), storedAt });
    const rest = storedAt + ttl - clock.now();
    // What was longer in the making than it may be kept is too old for the next caller.
    if (rest > 0) await keep(key, answer, rest);
    return answer;
  };

  return {
    async get<T>(key: string, ttl: number, make: () => Promise<T>): Promise<Remembered<T>> {
      if (ttl <= 0) return JSON.parse(await makeAndKeep(key, 0, make));
      const known = underWay.has(key) ? undefined : parse<T>(await read(key));
      if (known && clock.now() - known.storedAt < ttl) return known;
      let making = underWay.get(key);
      if (making === undefined) {
        making = makeAndKeep(key, ttl, make).finally(() => underWay.delete(key));
        underWay.set(key, making);
      }
      return JSON.parse(await making);
    },
  };
}

/** `undefined` for what is no answer of ours. */
function parse<T>(text: string | undefined): Remembered<T> | undefined {
  if (text === undefined) return undefined;
  try {
    const found: Partial<Remembered<T>> | null = JSON.parse(text);
    if (typeof found?.storedAt === 'number' && 'value' in found) return found as Remembered<T>;
  } catch {
    // Somebody else's.
  }
  return undefined;
}
