/** The loss of Redis costs only its help: no caller gets an error, and it is used again once it is back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRedis } from '../../src/database/redis.ts';
import { type AnswerCache, createAnswerCache } from '../../src/queries/dashboard/answer-cache.ts';
import { HOUR, SECOND, systemClock } from '../../src/time.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { hasRedisServer, makeRedisServer, type RedisServer } from '../support/servers/redis-server.ts';
import { useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';

const patience = { timeout: 40 * SECOND, interval: 50 };
// Made where the tests are declared, before any runs, because the service gets its URL in the settings.
const redis: RedisServer = await makeRedisServer();

describe('Redis', skipUnless(hasRedisServer, 'needs redis-server'), () => {
  beforeAll(() => redis.start());
  afterAll(() => redis.kill());
  const service = useService({
    REDIS_URL: redis.url,
    ROLES: 'api,ingest,worker',
    ROLLUP_INTERVAL: '100ms',
    RATE_LIMIT_PER_MINUTE: '100000',
  });

  const metric = async (name: string): Promise<number> => {
    const { text } = await service.call('/metrics', { token: null });
    return Number(new RegExp(`^tidemark_redis_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };
  let sent = 0;
  /** Sends an event and asks everything that uses Redis, until the event is in the answers. */
  const useAll = async (): Promise<void> => {
    const event = makeUsage({ orgId: 'acme' });
    const { status, json } = await service.call('/analytics/v1/events', { body: event });
    expect([status, json.stored]).toEqual([200, 1]);
    sent++;
    for (const question of ['freshness', 'usage', 'reliability']) {
      const answer = await service.call(`/analytics/v1/orgs/acme/${question}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('ratelimit')).toMatch(/;r=\d+;t=\d+$/);
    }
    const invocations = async () =>
      (await service.call('/analytics/v1/orgs/acme/usage')).json.totals.invocations;
    await expect.poll(invocations, patience).toBe(sent);
    expect((await service.call('/analytics/v1/status/readyz', { token: null })).status).toBe(200);
  };

  test('is used while it answers', async () => {
    await expect.poll(() => metric('up'), patience).toBe(1);
    await useAll();
  });

  test('may be killed: the service answers without it', async () => {
    await redis.kill();
    await useAll();
    await expect.poll(() => metric('up'), patience).toBe(0);
    expect(await metric('failures_total')).toBeGreaterThan(0);
  });

  test('is used again once it is back, though it has forgotten everything', async () => {
    await redis.start();
    await expect.poll(() => metric('up'), patience).toBe(1);
    const connection = openRedis(redis.url, silentLog, { installation: 'test' });
    try {
      const counts = () => connection.keys('tidemark:*:rate:*').catch(() => []);
      await expect.poll(() => useAll().then(counts), patience).not.toEqual([]);
    } finally {
      connection.disconnect();
    }
  });

  test('may stop answering while its connections stay open', async () => {
    const failures = await metric('failures_total');
    redis.freeze(true);
    try {
      await useAll();
      expect(await metric('failures_total')).toBeGreaterThan(failures);
    } finally {
      redis.freeze(false);
    }
    await useAll();
  });

  test('may be full: nothing fails, the failures are counted, and the log says so once', async () => {
    const full = openRedis(redis.url, silentLog, { installation: 'test' });
    try {
      await expect.poll(() => full.status, patience).toBe('ready');
      await full.config('SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction');
      const failures = await metric('failures_total');
      const lines = service.log.length;
      await useAll();
      expect(await metric('failures_total')).toBeGreaterThan(failures);
      expect(await metric('up')).toBe(1);
      const refusals = service.log.slice(lines).filter(({ msg }) => /refuses commands/.test(msg));
      const codes = refusals.map(({ err }) => err.message.split(' ', 1)[0]);
      expect(codes).toContain('OOM');
      expect(new Set(codes).size).toBe(codes.length);
    } finally {
      await full.config('SET', 'maxmemory', '0');
      full.disconnect();
    }
  });

  test('holds cached answers while it is there, and each process its own while it is not', async () => {
    const connection = openRedis(redis.url, silentLog, { installation: 'test' });
    const cacheOf = () => createAnswerCache({ redis: connection, clock: systemClock, version: 'test' });
    const [one, other] = [cacheOf(), cacheOf()];
    let asked = 0;
    /** Whether a second caller, of the same process or of another, gets the answer made for the first. */
    const remember = async (first: AnswerCache, second: AnswerCache): Promise<boolean> => {
      const key = `question ${++asked}`;
      const answers = [];
      for (const cache of [first, second])
        answers.push((await cache.get(key, HOUR, async () => Math.random())).value);
      return answers[0] === answers[1];
    };
    const areShared = () => remember(one, other);
    try {
      await expect.poll(areShared, patience).toBe(true);
      await redis.kill();
      await expect.poll(areShared, patience).toBe(false);
      expect(await remember(one, one)).toBe(true);
      await redis.start();
      await expect.poll(areShared, patience).toBe(true);
    } finally {
      connection.disconnect();
    }
  });
});
