import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openRedis } from '../../../src/database/redis.ts';
import { type AnswerCache, createAnswerCache } from '../../../src/queries/dashboard/answer-cache.ts';
import { HOUR, SECOND, systemClock } from '../../../src/time.ts';
import { silentLog } from '../../support/events/ingestion.ts';
import { skipUnless } from '../../support/skip-unless.ts';

function newKey() {
  return `test-${process.pid}-${Math.random()}`;
}

function inProcess(clock = systemClock) {
  return createAnswerCache({ redis: undefined, clock, version: 'test' });
}

/** An answer that counts how often it was made. */
function counted() {
  let made = 0;
  return async () => ({ made: ++made });
}

async function remembers(cache: AnswerCache): Promise<void> {
  const [key, other] = [newKey(), newKey()];
  const make = counted();
  const before = Date.now();
  const first = await cache.get(key, HOUR, make);
  expect(first.value).toEqual({ made: 1 });
  expect(first.storedAt).toBeGreaterThanOrEqual(before);
  expect(await cache.get(key, HOUR, make)).toEqual(first);
  expect((await cache.get(other, HOUR, make)).value).toEqual({ made: 2 });
}

test('in the process, an answer is made once', () => remembers(inProcess()));

test('an answer is made again when it reaches its maximum age', async () => {
  let now = Date.now();
  const cache = inProcess({ now: () => now });
  const make = counted();
  const key = newKey();
  await cache.get(key, 10 * SECOND, make);
  now += 9_999;
  expect((await cache.get(key, 10 * SECOND, make)).value).toEqual({ made: 1 });
  // It is too old for a caller with a lower maximum age.
  expect((await cache.get(key, 5 * SECOND, make)).value).toEqual({ made: 2 });
  now += 10 * SECOND;
  expect(await cache.get(key, 10 * SECOND, make)).toEqual({ value: { made: 3 }, storedAt: now });
});

test('the age of an answer counts from when its making began', async () => {
  let now = Date.now();
  const cache = inProcess({ now: () => now });
  const make = counted();
  const slowly = async () => {
    now += 20 * SECOND;
    return make();
  };
  const key = newKey();
  expect(await cache.get(key, 10 * SECOND, slowly)).toEqual({
    value: { made: 1 },
    storedAt: now - 20 * SECOND,
  });
  expect((await cache.get(key, 10 * SECOND, make)).value).toEqual({ made: 2 });
});

test('callers that ask at the same time share one making, and each gets a copy', async () => {
  const cache = inProcess();
  const key = newKey();
  let made = 0;
  const { promise, resolve } = Promise.withResolvers<{ orgs: string[] }>();
  const make = () => {
    made++;
    return promise;
  };
  const asked = Array.from({ length: 5 }, () => cache.get(key, HOUR, make));
  resolve({ orgs: ['acme'] });
  const answers = await Promise.all(asked);
  expect(made).toBe(1);
  answers[0]?.value.orgs.push('globex');
  for (const { value } of answers.slice(1)) expect(value).toEqual({ orgs: ['acme'] });
});

test('a failure goes to every waiting caller, and is not kept', async () => {
  const cache = inProcess();
  const key = newKey();
  const { promise, reject } = Promise.withResolvers<never>();
  const asked = [1, 2].map(() => cache.get(key, HOUR, () => promise));
  reject(new Error('on purpose'));
  for (const answer of asked) await expect(answer).rejects.toThrow('on purpose');
  expect((await cache.get(key, HOUR, counted())).value).toEqual({ made: 1 });
});

test('a maximum age of 0 keeps nothing', async () => {
  const cache = inProcess();
  const make = counted();
  const key = newKey();
  await cache.get(key, 0, make);
  expect((await cache.get(key, 0, make)).value).toEqual({ made: 2 });
  expect((await cache.get(key, HOUR, make)).value).toEqual({ made: 3 });
});

test('an answer that is too large to keep is returned all the same', async () => {
  const cache = inProcess();
  const key = newKey();
  const large = 'x'.repeat(3_000_000);
  expect((await cache.get(key, HOUR, async () => large)).value).toBe(large);
  expect((await cache.get(key, HOUR, counted())).value).toEqual({ made: 1 });
});

describe('in Redis', skipUnless(inject('redisUrl'), 'needs Redis'), () => {
  let redis: Redis;
  const open = (version: string) => createAnswerCache({ redis, clock: systemClock, version });
  /** Without the prefix of the installation, which every other command adds itself. */
  const placesOf = async (key: string) =>
    (await redis.keys(`tidemark:test:answer:*:${key}`)).map((place) => place.replace('tidemark:test:', ''));
  beforeAll(async () => {
    redis = openRedis(inject('redisUrl') ?? '', silentLog, { installation: 'test' });
    if (redis.status !== 'ready') await once(redis, 'ready');
  });
  afterAll(async () => {
    const left = await placesOf(`test-${process.pid}-*`);
    if (left.length > 0) await redis.del(...left);
    redis.disconnect();
  });
  /**
   * Keeps an answer under a new key. Retries until Redis has taken it, which a busy machine may fail to do.
   */
  const keepOne = async () => {
    for (;;) {
      const key = newKey();
      const answer = await open('test').get(key, HOUR, counted());
      const [place] = await placesOf(key).catch(() => []);
      if (place !== undefined) return { key, answer, place };
    }
  };

  test('an answer is made once', () => remembers(open('test')));

  test('processes share answers until they expire', async () => {
    const { key, answer, place } = await keepOne();
    await expect.poll(() => open('test').get(key, HOUR, counted())).toEqual(answer);
    expect(await redis.pttl(place)).toBeGreaterThan(HOUR / 2);
    expect(await redis.pttl(place)).toBeLessThanOrEqual(HOUR);
  });

  test('answers of another version and foreign values are ignored', async () => {
    const { key, place } = await keepOne();
    const makeOther = async () => 'other';
    expect((await open('test 2').get(key, HOUR, makeOther)).value).toBe('other');
    for (const strange of ['something else', '{}', 'null', '"text"']) {
      await redis.set(place, strange, 'PX', HOUR);
      expect((await open('test').get(key, HOUR, makeOther)).value).toBe('other');
    }
  });
});
