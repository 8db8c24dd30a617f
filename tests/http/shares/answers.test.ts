/** Callers that ask and do not read, beside callers that do. */
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Server } from '../../../src/http/shell/typed-server.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { httpLayer } from '../../support/service/http-layer.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const sockets: Socket[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Opens a connection that sends a request and reads nothing of the answer. */
function ask(origin: string, path: string): Promise<Socket> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(origin);
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`, () => resolve(socket));
    });
    socket.on('error', () => {});
    sockets.push(socket);
  });
}

describe('public pages', () => {
  const service = useService({ PUBLIC_RATE_LIMIT_PER_MINUTE: '400' });
  const metric = async (name: string) => {
    const { text } = await service.call('/metrics', { token: null });
    return Number(new RegExp(`^tidemark_${name} (\\d+)$`, 'm').exec(text)?.[1] ?? expect.fail(name));
  };

  test('that 200 callers do not read take no memory, and the callers are cut off', async () => {
    await service.call('/docs/scalar.js', { token: null });
    const before = process.memoryUsage().rss;
    for (let asked = 0; asked < 200; asked += 20)
      await Promise.all(Array.from({ length: 20 }, () => ask(service.origin, '/docs/scalar.js')));
    const body = makeUsage({ orgId: 'victim' });
    const token = await tokenOf(['ingest'], ['victim']);
    expect((await service.call('/analytics/v1/events', { token, body })).json).toMatchObject({ stored: 1 });
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    expect(await metric('http_connections')).toBeGreaterThanOrEqual(200);
    await expect.poll(() => metric('http_slow_readers_total'), { timeout: 60_000 }).toBe(200);
  });

  test('answer 304 to a caller that has them', async () => {
    for (const path of ['/docs', '/docs/scalar.js', '/openapi.json']) {
      const { headers } = await service.call(path, { token: null });
      const again = await service.call(path, {
        token: null,
        headers: { 'if-none-match': headers.get('etag') ?? '' },
      });
      expect([path, again.status, again.text]).toEqual([path, 304, '']);
    }
  });
});

test('public pages are limited by address, and probes and other callers are not', async () => {
  const server = serverWith({ PUBLIC_RATE_LIMIT_PER_MINUTE: '3' });
  const statusOf = async (url: string) => (await server.inject(url)).statusCode;
  const docs = [];
  for (let asked = 0; asked < 4; asked++) docs.push(await statusOf('/docs'));
  expect(docs).toEqual([200, 200, 200, 429]);
  expect(await statusOf('/analytics/v1/status/healthz')).toBe(200);
  expect(await statusOf('/metrics')).toBe(200);
  expect(await statusOf('/large/victim')).toBe(200);
});

test('answers that one org does not read are refused beyond its share, and others get theirs', async () => {
  const server = serverWith({ MAX_ANSWER_BYTES_IN_FLIGHT: '48000000' });
  const origin = await server.listen({ port: 0, host: '127.0.0.1' });
  await Promise.all(Array.from({ length: 8 }, () => ask(origin, '/large/attacker')));
  const statusOf = async (org: string) => {
    const answer = await fetch(`${origin}/large/${org}`);
    await answer.arrayBuffer();
    return answer.status;
  };
  const patience = { timeout: 5_000 };
  await expect.poll(() => statusOf('attacker'), patience).toBe(429);
  expect(await statusOf('victim')).toBe(200);
  for (const socket of sockets.splice(0)) socket.destroy();
  await expect.poll(() => statusOf('attacker'), patience).toBe(200);
});

test('connections of one address leave room for those of another', async () => {
  const server = serverWith({ MAX_CONNECTIONS: '10' });
  const origin = await server.listen({ port: 0, host: '0.0.0.0' });
  const port = Number(new URL(origin).port);
  const open = (localAddress: string): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, localAddress }, () =>
        socket.write('GET /analytics/v1/status/healthz HTTP/1.1\r\nHost: a\r\n\r\n'),
      );
      socket.on('error', () => {});
      socket.once('data', () => resolve(true));
      socket.once('close', () => resolve(false));
      sockets.push(socket);
    });
  const attacks = [];
  for (let opened = 0; opened < 20; opened++) attacks.push(await open('127.0.0.1'));
  expect(attacks.filter(Boolean)).toHaveLength(5);
  expect(await open('127.0.0.2')).toBe(true);
});

/** A server with routes of 6 MB, whose paths name the org of the caller. */
function serverWith(env: Record<string, string>): Server {
  const large = 'a'.repeat(6_000_000);
  const server = httpLayer({
    env,
    actor: { id: 'test', roles: ['admin'], orgs: [], via: 'jwt' },
    registerRoutes: (routes) => {
      const config = { access: { capability: 'usage:read', org: 'none' } } as const;
      for (const org of ['attacker', 'victim']) {
        routes.get(
          `/large/${org}`,
          { config, schema: { summary: 'large', tags: ['Test'] } },
          async (request) => {
            request.actor = { id: org, roles: ['admin'], orgs: [], via: 'jwt' };
            return { large };
          },
        );
      }
    },
  });
  servers.push(server);
  return server;
}
