import { once } from 'node:events';
import { createServer, type RequestListener, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { tidemarkExpress } from '../src/express.ts';
import { tidemarkFastify } from '../src/fastify.ts';
import { tidemarkHono } from '../src/hono.ts';
import { createMemoryClient, type MemoryClient } from '../src/testing.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** Starts an application that answers POST /orders/:id, and fails for `bad`. */
type Start = (
  tidemark: MemoryClient,
) => Promise<(path: string, headers?: Record<string, string>) => Promise<number>>;

function order(tidemark: MemoryClient, id: string): void {
  if (id === 'bad') throw new Error('no such order');
  tidemark.track({ type: 'usage', modelId: 'm', status: 'success' });
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function post(origin: string) {
  return async (path: string, headers: Record<string, string> = {}): Promise<number> => {
    const json = { 'content-type': 'application/json', ...headers };
    return (await fetch(origin + path, { method: 'POST', headers: json, body: '{}' })).status;
  };
}

const applications: Record<string, Start> = {
  async Fastify(tidemark) {
    const app = fastify();
    await app.register(tidemarkFastify, { tidemark });
    app.post<{ Params: { id: string } }>('/orders/:id', async ({ params }) => {
      order(tidemark, params.id);
      return {};
    });
    endings.push(() => app.close());
    return post(await app.listen({ port: 0, host: '127.0.0.1' }));
  },
  async Express(tidemark) {
    const app = express().use(tidemarkExpress({ tidemark })).use(express.json());
    const orders = express.Router();
    orders.post('/:id', ({ params }, response) => {
      order(tidemark, params.id);
      response.json({});
    });
    app.use('/orders', orders);
    app.set('env', 'test');
    return post(await listen(app));
  },
  async Hono(tidemark) {
    const app = new Hono().use(tidemarkHono({ tidemark }));
    app.post('/orders/:id', (context) => {
      order(tidemark, context.req.param('id'));
      return context.json({});
    });
    app.onError((_, context) => context.json({}, 500));
    return async (path, headers = {}) => (await app.request(path, { method: 'POST', headers })).status;
  },
};

describe.for(Object.entries(applications))('the middleware of %s', ([, start]) => {
  test('reports requests by their route pattern, and gives handlers the correlation id', async () => {
    const tidemark = createMemoryClient({ source: 'shop' });
    const ask = await start(tidemark);
    expect(await ask('/orders/17', { 'x-correlation-id': 'req-1' })).toBe(200);
    expect(await ask('/orders/bad', { traceparent: `00-${TRACE}-b7ad6b7169203331-01` })).toBe(500);
    expect(await ask('/nowhere')).toBe(404);
    await expect.poll(() => tidemark.stats.queued + tidemark.stats.sent).toBe(4);
    await tidemark.flush();
    const requests = tidemark.events.filter(({ type }) => type === 'api_request');
    const route = '/orders/:id';
    expect(requests).toMatchObject([
      { method: 'POST', route, statusCode: 200, correlationId: 'req-1', clientId: 'shop' },
      { method: 'POST', route, statusCode: 500, correlationId: TRACE },
      { method: 'POST', route: '(unmatched)', statusCode: 404, correlationId: expect.any(String) },
    ]);
    expect(requests[0]).toHaveProperty('durationMs', expect.any(Number));
    expect(tidemark.events.find(({ type }) => type === 'usage')).toMatchObject({ correlationId: 'req-1' });
  });
});

test('a function of the caller that throws changes nothing: the request is answered and reported', async () => {
  const tidemark = createMemoryClient();
  const clientId = () => {
    throw new Error('of the caller');
  };
  const app = new Hono().use(tidemarkHono({ tidemark, clientId }));
  app.get('/ok', (context) => context.text('fine'));
  expect(await (await app.request('/ok')).text()).toBe('fine');
  await tidemark.flush();
  expect(tidemark.events).toMatchObject([{ route: '/ok', statusCode: 200 }]);
});

test('a client that hangs up is reported as 499', async () => {
  const tidemark = createMemoryClient();
  const app = express().use(tidemarkExpress({ tidemark }));
  app.get('/slow', () => {});
  const origin = await listen(app);
  const request = send(`${origin}/slow`).on('error', () => {});
  request.end();
  setTimeout(() => request.destroy(), 100);
  await expect.poll(() => tidemark.stats.queued + tidemark.stats.sent, { timeout: 20_000 }).toBe(1);
  await tidemark.flush();
  expect(tidemark.events).toMatchObject([{ route: '/slow', statusCode: 499 }]);
});

test('a job is tracked with its duration and how it ended', async () => {
  const tidemark = createMemoryClient();
  const job = { pipeline: '3d', provider: 'tripo' };
  const made = await tidemark.mlJob(job, async (run) => {
    run.inputTokens = 12;
    return 'mesh';
  });
  expect(made).toBe('mesh');
  const stopped = new DOMException('stopped', 'AbortError');
  await expect(tidemark.mlJob(job, () => Promise.reject(stopped))).rejects.toBe(stopped);
  const failed = Object.assign(new Error('broke'), { code: 'E_GPU' });
  await expect(tidemark.mlJob(job, () => Promise.reject(failed))).rejects.toBe(failed);
  await tidemark.flush();
  expect(tidemark.events).toMatchObject([
    { type: 'ml_job', ...job, status: 'success', inputTokens: 12, durationMs: expect.any(Number) },
    { status: 'cancelled' },
    { status: 'error', errorCode: 'E_GPU' },
  ]);
});
