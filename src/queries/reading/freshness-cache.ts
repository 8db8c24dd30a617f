import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';

/** What was last seen of a model. Times are ISO 8601. */
export interface RememberedEntry {
  modelId: string;
  lastEventAt: string;
  lastRollupAt: string;
}

/** Remembers what was seen of the models of an org for a while. Losing it costs time, never correctness. */
export interface FreshnessCache {
  get(orgId: string, read: () => Promise<RememberedEntry[]>): Promise<RememberedEntry[]>;
  /** Called when the rollups of orgs have changed. */
  forget(orgIds: readonly string[]): Promise<void>;
}

const REMEMBERED_ORGS = 10_000;
const KEY = 'freshness:';
/** Stands in Redis for an org whose numbers have just changed: nothing read before may be put there. */
const CHANGED = '';
/** Milliseconds; longer than a reading takes. */
const CHANGED_FOR = 10_000;

interface CacheOptions {
  redis: Redis | undefined;
  /** Milliseconds; 0 remembers nothing. */
  ttl: number;
}

/** In Redis when there is one, shared by all processes; in this process otherwise. */
export function createFreshnessCache({ redis, ttl }: CacheOptions): FreshnessCache {
  if (ttl === 0) return { get: (_, read) => read(), forget: async () => {} };
  return redis === undefined ? inProcess(ttl) : inRedis(redis, ttl);
}

function inProcess(ttl: number): FreshnessCache {
  const entries = new LRUCache<string, RememberedEntry[]>({ max: REMEMBERED_ORGS, ttl });
  let changes = 0;
  return {
    async get(orgId, read) {
      const known = entries.get(orgId);
      if (known) return known;
      const before = changes;
      const fresh = await read();
      // What was read before a change may be of before it.
      if (changes === before) entries.set(orgId, fresh);
      return fresh;
    },
    async forget(orgIds) {
      changes++;
      for (const orgId of orgIds) entries.delete(orgId);
    },
  };
}

function inRedis(redis: Redis, ttl: number): FreshnessCache {
  return {
    async get(orgId, read) {
      const known = await redis.get(KEY + orgId).catch(() => null);
      if (known !== null && known !== CHANGED) {
        try {
          return JSON.parse(known) as RememberedEntry[];
        } catch {
          // Not ours; it ends in its own time.
        }
      }
      const fresh = await read();
      await redis.set(KEY + orgId, JSON.stringify(fresh), 'PX', ttl, 'NX').catch(() => null);
      return fresh;
    },
    async forget(orgIds) {
      const changed = redis.pipeline();
      for (const orgId of orgIds) changed.set(KEY + orgId, CHANGED, 'PX', CHANGED_FOR);
      await changed.exec().catch(() => null);
    },
  };
}
