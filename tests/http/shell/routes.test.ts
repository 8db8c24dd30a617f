import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import type { Actor } from '../../../src/auth/actor.ts';
import type { AuditEntry } from '../../../src/auth/audit.ts';
import { CodedError } from '../../../src/errors.ts';
import type { Access } from '../../../src/http/shell/authenticate.ts';
import type { Server } from '../../../src/http/shell/typed-server.ts';
import { httpLayer } from '../../support/service/http-layer.ts';
import { sendRaw } from '../../support/service/raw-http.ts';

const admin: Actor = { id: 'root', roles: ['admin'], orgs: ['own'], via: 'jwt' };
const schema = { summary: 'test', tags: ['Test'] };

function route(path: string, access?: Access) {
  return (server: Server) => {
    server.get(path, { schema, config: access === undefined ? {} : { access } }, async () => ({
      figures: 'for your eyes',
    }));
  };
}

describe('a route', () => {
  test.each<[string, string, Access | undefined]>([
    ['does not say who may call it', '/x', undefined],
    ['has an org and does not check it', '/orgs/:orgId/x', { capability: 'usage:read', org: 'none' }],
    ['has an org and is open', '/orgs/:orgId/x', 'public'],
    ['checks an org that its query does not have', '/x', { capability: 'usage:read', org: 'query' }],
    ['checks an org that its path does not have', '/x', { capability: 'usage:read', org: 'param' }],
  ])('that %s cannot be registered', async (_, path, access) => {
    const server = httpLayer({ actor: admin, registerRoutes: route(path, access) });
    await expect(server.ready()).rejects.toThrow(path);
  });
});

describe('a read of an org', () => {
  const access = { capability: 'usage:read', org: 'param' } as const;
  const audited = (audit?: (entry: AuditEntry) => Promise<void>) =>
    httpLayer({ actor: admin, registerRoutes: route('/orgs/:orgId/x', access), ...(audit && { audit }) });

  test('that is not the reader’s own is audited, by GET and by HEAD', async () => {
    const entries: AuditEntry[] = [];
    const server = audited(async (entry) => void entries.push(entry));
    const call = (method: 'GET' | 'HEAD', org: string) =>
      server.inject({ method, url: `/orgs/${org}/x`, headers: { 'x-request-id': 'r-1' } });
    expect((await call('GET', 'acme')).statusCode).toBe(200);
    expect((await call('HEAD', 'globex')).statusCode).toBe(200);
    expect((await call('GET', 'own')).statusCode).toBe(200);
    expect(entries).toEqual([
      { actor: admin, action: 'org.read', orgId: 'acme', route: 'GET /orgs/:orgId/x', requestId: 'r-1' },
      { actor: admin, action: 'org.read', orgId: 'globex', route: 'HEAD /orgs/:orgId/x', requestId: 'r-1' },
    ]);
  });

  test('that is repeated within a minute is audited once', async () => {
    const entries: AuditEntry[] = [];
    const server = audited(async (entry) => void entries.push(entry));
    for (const org of ['acme', 'acme', 'globex', 'acme'])
      expect((await server.inject(`/orgs/${org}/x`)).statusCode).toBe(200);
    expect(entries.map(({ orgId }) => orgId)).toEqual(['acme', 'globex']);
  });

  test('that cannot be audited is not answered', async () => {
    const server = audited(async () => {
      throw new Error('the audit log is away');
    });
    const { statusCode, body } = await server.inject('/orgs/acme/x');
    expect(statusCode).toBe(500);
    expect(body).not.toContain('for your eyes');
    expect(body).not.toContain('audit');
  });
});

describe('an error', () => {
  const failing = (error: unknown) =>
    httpLayer({
      actor: admin,
      registerRoutes: (server) => {
        server.get('/x', { schema, config: { access: 'public' } }, async () => {
          throw error;
        });
      },
    });

  test.each([
    new Error('password=hunter2'),
    'password=hunter2',
    undefined,
    { statusCode: 418, message: 'hunter2' },
  ])('that is unexpected shows nothing of itself: %s', async (error) => {
    const answer = await failing(error).inject('/x');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('hunter2');
    expect(answer.json()).toMatchObject({ code: 'internal', instance: '/x', errors: [] });
  });

  test.each([
    ['unavailable', 503, Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['unavailable', 503, Object.assign(new Error('shutting down'), { code: '57P01' })],
    ['timed_out', 504, Object.assign(new Error('statement timeout'), { code: '57014' })],
  ])('of the database is answered as %s', async (code, status, error) => {
    const answer = await failing(error).inject('/x');
    expect(answer.json()).toMatchObject({ code, status });
    expect(answer.body).not.toContain(error.message);
  });

  test('that is temporary says when to retry', async () => {
    const answer = await failing(new CodedError('overloaded', 'Full.', { retryAfterSeconds: 1.2 })).inject(
      '/x?a',
    );
    expect(answer.json()).toMatchObject({ status: 400, code: 'invalid_request' });
    const busy = await failing(new CodedError('overloaded', 'Full.', { retryAfterSeconds: 1.2 })).inject(
      '/x',
    );
    expect(busy.statusCode).toBe(429);
    expect(busy.headers['retry-after']).toBe('2');
    expect(busy.json()).toMatchObject({ type: 'urn:tidemark:problem:overloaded', detail: 'Full.' });
  });
});

describe('parameters', () => {
  const query = Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    grain: Type.Optional(Type.Enum(['hour', 'day'])),
    exact: Type.Optional(Type.Boolean()),
    start: Type.Optional(Type.String({ format: 'date-time' })),
  });
  const server = httpLayer({
    actor: admin,
    registerRoutes: (routes) => {
      routes.get(
        '/x',
        { schema: { ...schema, querystring: query }, config: { access: 'public' } },
        async ({ query }) => query,
      );
    },
  });

  test('are read by their types', async () => {
    expect(
      (await server.inject('/x?limit=10&grain=day&exact=false&start=2026-01-01T00:00:00Z')).json(),
    ).toEqual({
      limit: 10,
      grain: 'day',
      exact: false,
      start: '2026-01-01T00:00:00Z',
    });
  });

  test.each([
    'limit=1.5',
    'limit=',
    'limit=1e3',
    'limit=0x10',
    'limit=%201',
    'limit=0',
    'limit=1&limit=2',
    'grain=week',
    'exact=1',
    'start=2026-02-30T00:00:00Z',
    'start=now',
    'constructor=1',
    '__proto__=1',
    'toString',
  ])('are refused when they do not fit: %s', async (given) => {
    const answer = await server.inject(`/x?${given}`);
    expect(answer.json()).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ path: given.split('=')[0] }],
    });
  });

  test('that are unknown are refused with the known names', async () => {
    expect((await server.inject('/x?granularity=day')).json().detail).toContain(
      'granularity is not known; this path takes: limit, grain, exact, start',
    );
  });
});

describe('readiness', () => {
  test('names what is missing, and does not wait for checks that hang', async () => {
    const checks = [
      { name: 'database', check: async () => {} },
      { name: 'redis', check: () => Promise.reject(new Error('ECONNREFUSED 10.0.0.7')) },
      { name: 'rabbitmq', check: () => new Promise<void>(() => {}) },
    ];
    const server = httpLayer({ actor: admin, checks, registerRoutes: () => {} });
    const began = Date.now();
    const answer = await server.inject('/analytics/v1/status/readyz');
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      code: 'unavailable',
      errors: [{ path: 'redis' }, { path: 'rabbitmq' }],
    });
    expect(answer.body).not.toContain('10.0.0.7');
  });
});

describe('a server that stops', () => {
  const slow = (env = {}) =>
    httpLayer({
      actor: admin,
      env,
      registerRoutes: (server) => {
        server.get('/slow', { schema, config: { access: 'public' } }, async () => {
          await wait(300);
          return { done: true };
        });
        server.get('/stuck', { schema, config: { access: 'public' } }, () => new Promise(() => {}));
      },
    });

  test('answers the requests it has begun, and accepts no more', async () => {
    const server = slow();
    const origin = await server.listen({ port: 0, host: '127.0.0.1' });
    const pending = fetch(`${origin}/slow`);
    await wait(100);
    const closed = server.close();
    expect(await (await pending).json()).toEqual({ done: true });
    await closed;
    await expect(fetch(`${origin}/slow`)).rejects.toThrow();
  });

  test('does not wait forever', async () => {
    const server = slow({ SHUTDOWN_TIMEOUT: '200ms' });
    const origin = await server.listen({ port: 0, host: '127.0.0.1' });
    const pending = sendRaw(origin, 'GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n');
    await wait(100);
    await server.close();
    expect(await pending).toBe('');
  });

  test('lets an answer that has begun take longer', async () => {
    const pieces = 6;
    const server = httpLayer({
      actor: admin,
      env: { REQUEST_TIMEOUT: '1s' },
      registerRoutes: (routes) => {
        routes.get('/file', { schema, config: { access: 'public' } }, async (_request, reply) => {
          async function* write() {
            for (let piece = 0; piece < pieces; piece++) {
              yield 'piece\n';
              await wait(500);
            }
          }
          return reply.type('text/plain').send(Readable.from(write()));
        });
      },
    });
    const origin = await server.listen({ port: 0, host: '127.0.0.1' });
    expect(await (await fetch(`${origin}/file`)).text()).toBe('piece\n'.repeat(pieces));
    await server.close();
  });

  test('cuts off an answer that takes too long', async () => {
    const server = slow({ REQUEST_TIMEOUT: '1s' });
    const answer = await server.inject('/stuck');
    expect(answer.json()).toMatchObject({ status: 504, code: 'timed_out' });
    await server.close();
  });
});

describe('the address of a caller', () => {
  const seen = async (env: Record<string, string>, forwarded: string) => {
    const server = httpLayer({
      actor: admin,
      env,
      registerRoutes: (routes) => {
        routes.get('/ip', { schema, config: { access: 'public' } }, async ({ ip }) => ({ ip }));
      },
    });
    return (
      await server.inject({
        url: '/ip',
        remoteAddress: '10.0.0.1',
        headers: { 'x-forwarded-for': forwarded },
      })
    ).json().ip;
  };

  test('is taken from X-Forwarded-For only if the proxy is trusted', async () => {
    expect(await seen({}, '1.2.3.4')).toBe('10.0.0.1');
    expect(await seen({ TRUSTED_PROXIES: '10.0.0.0/8' }, '1.2.3.4')).toBe('1.2.3.4');
    expect(await seen({ TRUSTED_PROXIES: '10.0.0.0/8' }, '6.6.6.6, 1.2.3.4, 10.0.0.9')).toBe('1.2.3.4');
    expect(await seen({ TRUSTED_PROXIES: '192.168.0.1' }, '1.2.3.4')).toBe('10.0.0.1');
  });
});
