import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MINUTE, SECOND, sleep } from '../../../src/time.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { useDatabase } from '../../support/database/database.ts';
import { hasRedisServer, makeRedisServer, type RedisServer } from '../../support/servers/redis-server.ts';
import { noteRecovery } from '../../support/service/recovery.ts';
import { startLoad } from '../../support/service/service-under-load.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const patience = { timeout: 2 * MINUTE, interval: 50 };
const newDirectory = useDirectories();

describe('under load', skipUnless(hasRedisServer, 'needs redis-server'), () => {
  const database = useDatabase();
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await makeRedisServer();
    await redis.start();
  });
  afterAll(() => redis.kill());

  test('callers do not notice that Redis is killed or hangs', { timeout: 3 * MINUTE }, async (context) => {
    const load = await startLoad({
      dataDir: await newDirectory(),
      databaseUrl: database.url,
      env: { REDIS_URL: redis.url, RATE_LIMIT_PER_MINUTE: '1000000' },
      mayAnswer: [],
    });
    onTestFinished(load.end);
    const { origin } = load.service;
    const headers = { authorization: `Bearer ${load.token}` };
    const isUp = async () =>
      /^tidemark_redis_up (\d)/m.exec(await (await fetch(`${origin}/metrics`)).text())?.[1];
    const statuses = new Set<number>();
    let asking = true;
    const asked = (async () => {
      while (asking) {
        for (const what of ['freshness', 'usage', 'reliability']) {
          statuses.add((await fetch(`${origin}/analytics/v1/orgs/acme/${what}`, { headers })).status);
        }
        await sleep(20);
      }
    })();
    await expect.poll(isUp, patience).toBe('1');

    await redis.kill();
    await expect.poll(isUp, patience).toBe('0');
    await sleep(SECOND);
    await redis.start();
    const back = performance.now();
    await expect.poll(isUp, patience).toBe('1');
    noteRecovery(context, 'Redis killed, until it is used again', back);
    redis.freeze(true);
    await sleep(2 * SECOND);
    redis.freeze(false);
    await load.recovered(context, 'Redis hung for 2 s');

    asking = false;
    await asked;
    expect([...statuses]).toEqual([200]);
    await load.settle();
  });
});
