import { once } from 'node:events';
import { describe, expect, inject, test } from 'vitest';
import { openRedis } from '../../../src/database/redis.ts';
import { createFreshnessCache, type FreshnessCache } from '../../../src/queries/reading/freshness-cache.ts';
import { HOUR } from '../../../src/time.ts';
import { silentLog } from '../../support/events/ingestion.ts';
import { skipUnless } from '../../support/skip-unless.ts';

function entry(modelId: string) {
  return {
    modelId,
    lastEventAt: '2026-01-01T00:00:00.000Z',
    lastRollupAt: '2026-01-01T00:00:01.000Z',
  };
}

function newOrg() {
  return `org-${Math.random()}`;
}

/** A database read that counts how often it was called. */
function counted() {
  let reads = 0;
  return async () => [entry(`read ${++reads}`)];
}

async function remembersUntilTold(cache: FreshnessCache): Promise<void> {
  const [org, other] = [newOrg(), newOrg()];
  const read = counted();
  expect(await cache.get(org, read)).toEqual([entry('read 1')]);
  expect(await cache.get(org, read)).toEqual([entry('read 1')]);
  expect(await cache.get(other, read)).toEqual([entry('read 2')]);
  await cache.forget([org]);
  expect(await cache.get(org, read)).toEqual([entry('read 3')]);
  expect(await cache.get(other, read)).toEqual([entry('read 2')]);
  await cache.forget([]);
}

/** The rollups change while they are being read. The read value is returned, and not kept. */
async function keepsNothingOfBeforeAChange(cache: FreshnessCache): Promise<void> {
  const org = newOrg();
  const read = counted();
  const overtaken = async () => {
    const entries = await read();
    await cache.forget([org]);
    return entries;
  };
  expect(await cache.get(org, overtaken)).toEqual([entry('read 1')]);
  expect(await cache.get(org, read)).toEqual([entry('read 2')]);
}

test('in the process, an org is cached until its rollups change', () =>
  remembersUntilTold(createFreshnessCache({ redis: undefined, ttl: HOUR })));

test('in the process, a value read before a change is not kept', () =>
  keepsNothingOfBeforeAChange(createFreshnessCache({ redis: undefined, ttl: HOUR })));

test('a TTL of 0 keeps nothing', async () => {
  const cache = createFreshnessCache({ redis: undefined, ttl: 0 });
  const read = counted();
  await cache.get('acme', read);
  expect(await cache.get('acme', read)).toEqual([entry('read 2')]);
});

describe('in Redis', skipUnless(inject('redisUrl'), 'needs Redis'), () => {
  test('an org is cached until its rollups change or its TTL ends', async () => {
    const redis = openRedis(inject('redisUrl') ?? '', silentLog, { installation: 'test' });
    try {
      if (redis.status !== 'ready') await once(redis, 'ready');
      await remembersUntilTold(createFreshnessCache({ redis, ttl: HOUR }));
      await keepsNothingOfBeforeAChange(createFreshnessCache({ redis, ttl: HOUR }));
      const org = newOrg();
      await createFreshnessCache({ redis, ttl: HOUR }).get(org, counted());
      const key = `freshness:${org}`;
      expect(await redis.pttl(key)).toBeGreaterThan(0);
      await redis.del(key);
      // The mark of a change expires by itself.
      await createFreshnessCache({ redis, ttl: HOUR }).forget([org]);
      expect(await redis.pttl(key)).toBeGreaterThan(0);
      await redis.del(key);
    } finally {
      redis.disconnect();
    }
  });
});

test('an unreachable Redis costs only its help', async () => {
  const redis = openRedis('redis://127.0.0.1:1', silentLog, { installation: 'test' });
  const cache = createFreshnessCache({ redis, ttl: HOUR });
  const read = counted();
  await cache.get('acme', read);
  expect(await cache.get('acme', read)).toEqual([entry('read 2')]);
  await cache.forget(['acme']);
  redis.disconnect();
});
