import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, test } from 'vitest';
import type { Server } from '../../../src/http/shell/typed-server.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { httpLayer } from '../../support/service/http-layer.ts';
import { tokenOf, useService } from '../../support/service/service.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const KEYS = '/analytics/v1/api-keys';

describe('a caller who sends too many requests', () => {
  const service = useService({ RATE_LIMIT_PER_MINUTE: '3', INGEST_RATE_LIMIT_PER_MINUTE: '2' });

  test('is told the remaining number, then when to retry, while others are served', async () => {
    const token = await tokenOf(['admin'], [], 'eager');
    const answers = [];
    for (let request = 0; request < 4; request++) answers.push(await service.call(KEYS, { token }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => /;r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1])).toEqual([
      '2',
      '1',
      '0',
      '0',
    ]);
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"query";q=3;w=60');
    expect(answers[3]?.json).toMatchObject({ code: 'rate_limited', status: 429 });
    const wait = Number(answers[3]?.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect((await service.call(KEYS, { token: await tokenOf(['admin'], [], 'patient') })).status).toBe(200);
  });

  test('may still send events, which have a limit of their own', async () => {
    const token = await tokenOf(['admin'], [], 'eager');
    const statuses = [];
    for (let request = 0; request < 3; request++)
      statuses.push((await service.call('/analytics/v1/events', { token, body: makeUsage() })).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});

test('no limit applies where it is turned off', async () => {
  const server = serverWith({ RATE_LIMIT_PER_MINUTE: '0' });
  expect(await statuses(server, 20)).toEqual(Array(20).fill(200));
  await server.close();
});

const redisUrl = inject('redisUrl');

describe('with Redis', skipUnless(redisUrl, 'needs Redis'), () => {
  const clients: Redis[] = [];
  const connect = (url: string) => {
    const client = new Redis(url, {
      enableOfflineQueue: false,
      lazyConnect: true,
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    clients.push(client);
    return client;
  };
  afterAll(() => {
    for (const client of clients) client.disconnect();
  });

  test('processes share their counts', async () => {
    const actor = `shared-${process.pid}-${Date.now()}`;
    const servers = [];
    for (let index = 0; index < 2; index++) {
      const redis = connect(redisUrl ?? '');
      await redis.connect();
      servers.push(serverWith({ RATE_LIMIT_PER_MINUTE: '3' }, redis, actor));
    }
    const [one, other] = servers as [Server, Server];
    expect(await statuses(one, 2)).toEqual([200, 200]);
    expect(await statuses(other, 2)).toEqual([200, 429]);
    await Promise.all(servers.map((server) => server.close()));
    await clients[0]?.del(`rate:query:jwt:${actor}`);
  });

  test('each process counts for itself while Redis is away', async () => {
    const server = serverWith({ RATE_LIMIT_PER_MINUTE: '2' }, connect('redis://127.0.0.1:1'));
    expect(await statuses(server, 3)).toEqual([200, 200, 429]);
    await server.close();
  });
});

/** A server with one route and one caller. */
function serverWith(env: Record<string, string>, redis?: Redis, actor = 'test'): Server {
  return httpLayer({
    env,
    actor: { id: actor, roles: ['admin'], orgs: [], via: 'jwt' },
    ...(redis && { redis }),
    registerRoutes: (routes) => {
      const config = { access: { capability: 'usage:read', org: 'none' } } as const;
      routes.get('/limited', { config, schema: { summary: 'limited', tags: ['Test'] } }, async () => ({}));
    },
  });
}

async function statuses(server: Server, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let request = 0; request < count; request++) found.push((await server.inject('/limited')).statusCode);
  return found;
}
