import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { span, startTraces } from '../../../src/telemetry/traces.ts';
import { silentLog } from '../../support/events/ingestion.ts';
import { httpLayer } from '../../support/service/http-layer.ts';

interface ExportedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
  status: { code?: number };
}

const received: ExportedSpan[] = [];
/** A collector that keeps all that it receives. */
const collector = createServer(async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  expect(request.url).toBe('/v1/traces');
  for (const { scopeSpans } of JSON.parse(Buffer.concat(pieces).toString()).resourceSpans) {
    for (const { spans } of scopeSpans) received.push(...spans);
  }
  response.setHeader('content-type', 'application/json').end('{}');
});
let endpoint = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterAll(() => collector.close());

function traced() {
  return httpLayer({
    actor: { id: 'ada', roles: ['admin'], orgs: [], via: 'jwt' },
    registerRoutes: (server) => {
      const options = { schema: { summary: 'test', tags: ['Test'] }, config: { access: 'public' } } as const;
      server.post('/work/:id', options, async () =>
        span('store', { rows: 3 }, async () => span('commit', {}, async () => ({}))),
      );
      server.get('/fail', options, async () => span('store', {}, () => Promise.reject(new Error('no'))));
    },
  });
}

test('costs nothing and changes nothing while off', async () => {
  expect((await traced().inject({ method: 'POST', url: '/work/7', payload: {} })).statusCode).toBe(200);
  expect(await span('nothing', {}, async () => 42)).toBe(42);
});

test("follows a request through the service, as part of the caller's trace", async () => {
  const stop = await startTraces({ endpoint, version: '1.2.3', log: silentLog });
  const server = traced();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'x-correlation-id': 'order-42' };
  // Over a real connection, where reading the body leaves the context of the request.
  const origin = await server.listen({ port: 0, host: '127.0.0.1' });
  await fetch(`${origin}/work/7`, {
    method: 'POST',
    body: '{}',
    headers: { ...headers, 'content-type': 'application/json' },
  });
  await fetch(`${origin}/fail`);
  await server.close();
  await stop();

  const spanOf = (name: string) => received.find((candidate) => candidate.name === name);
  const [request, store, commit] = [spanOf('POST /work/:id'), spanOf('store'), spanOf('commit')];
  expect(request).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' });
  expect(store).toMatchObject({ traceId, parentSpanId: request?.spanId });
  expect(commit).toMatchObject({ traceId, parentSpanId: store?.spanId });
  expect(request?.attributes).toContainEqual({
    key: 'tidemark.correlation_id',
    value: { stringValue: 'order-42' },
  });
  expect(request?.attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: 200 } });
  const failed = received.filter(({ status }) => status.code === 2).map(({ name }) => name);
  expect(failed.sort()).toEqual(['GET /fail', 'store']);
  expect(await span('after', {}, async () => 'still works')).toBe('still works');
});

test('reports once that spans cannot be exported', async () => {
  const said: string[] = [];
  const log = {
    info: (_: object, message: string) => void said.push(message),
    warn: (_: object, message: string) => void said.push(message),
  };
  // No collector listens there.
  const stop = await startTraces({ endpoint: 'http://127.0.0.1:1', version: '1.2.3', log });
  await span('lost', {}, async () => {});
  await stop();
  expect(said).toEqual(['traces cannot be exported; they are lost until the collector answers']);
});
