import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';

/** When a model was last seen and last rolled up. Times are ISO 8601. */
export interface CachedModelFreshness {
  modelId: string;
  lastEventAt: string;
  lastRollupAt: string;
}

/** Keeps the freshness of the models of an org for a while. Losing it costs time, never correctness. */
export interface FreshnessCache {
  get(orgId: string, read: () => Promise<CachedModelFreshness[]>): Promise<CachedModelFreshness[]>;
  /** To be called when the rollups of these orgs have changed. */
  forget(orgIds: readonly string[]): Promise<void>;
}

const MAX_CACHED_ORGS = 10_000;
const KEY = 'freshness:';
/** Marks an org in Redis whose numbers have just changed, so that nobody stores an answer read before. */
const CHANGED = '';
/** Milliseconds that the mark stays: longer than a read takes. */
const CHANGED_FOR = 10_000;

interface CacheOptions {
  redis: Redis | undefined;
  /** Milliseconds; 0 disables the cache. */
  ttl: number;
}

/** A cache in Redis, shared by all processes, or in this process when there is no Redis. */
export function createFreshnessCache({ redis, ttl }: CacheOptions): FreshnessCache {
  if (ttl === 0) return { get: (_, read) => read(), forget: async () => {} };
  return redis === undefined ? inProcess(ttl) : inRedis(redis, ttl);
}

function inProcess(ttl: number): FreshnessCache {
  const entries = new LRUCache<string, CachedModelFreshness[]>({ max: MAX_CACHED_ORGS, ttl });
  let changes = 0;
  return {
    async get(orgId, read) {
      const known = entries.get(orgId);
      if (known) return known;
      const before = changes;
      const fresh = await read();
      // Rollups that changed during the read may be missing from it.
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
          return JSON.parse(known) as CachedModelFreshness[];
        } catch {
          // Not written by us; it expires by itself.
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
