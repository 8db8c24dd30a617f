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

/** A reading of the database that tells how often it was asked. */
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

/** The numbers change while they are being read: what was read is shown, and not kept. */
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

test('in the process, an org is remembered until its numbers change', () =>
  remembersUntilTold(createFreshnessCache({ redis: undefined, ttl: HOUR })));

test('in the process, what was read before a change is not remembered', () =>
  keepsNothingOfBeforeAChange(createFreshnessCache({ redis: undefined, ttl: HOUR })));

test('nothing is remembered when it is told so', async () => {
  const cache = createFreshnessCache({ redis: undefined, ttl: 0 });
  const read = counted();
  await cache.get('acme', read);
  expect(await cache.get('acme', read)).toEqual([entry('read 2')]);
});

describe('in Redis', skipUnless(inject('redisUrl'), 'needs Redis'), () => {
  test('an org is remembered until its numbers change, and for so long at the most', async () => {
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
      // What stands for a change gives way by itself.
      await createFreshnessCache({ redis, ttl: HOUR }).forget([org]);
      expect(await redis.pttl(key)).toBeGreaterThan(0);
      await redis.del(key);
    } finally {
      redis.disconnect();
    }
  });
});

test('a Redis that cannot be reached costs its help, and nothing else', async () => {
  const redis = openRedis('redis://127.0.0.1:1', silentLog, { installation: 'test' });
  const cache = createFreshnessCache({ redis, ttl: HOUR });
  const read = counted();
  await cache.get('acme', read);
  expect(await cache.get('acme', read)).toEqual([entry('read 2')]);
  await cache.forget(['acme']);
  redis.disconnect();
});
