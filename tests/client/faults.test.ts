import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { Tidemark, type TidemarkOptions } from '../../client/src/tidemark.ts';
import { MINUTE, SECOND } from '../../src/time.ts';
import { tokenOf, useService } from '../support/service/service.ts';
import { startServiceProcess } from '../support/service/service-process.ts';

const service = useService();
let apiKey = '';
beforeAll(async () => {
  const key = { name: 'application', role: 'ingest', orgs: ['acme'] };
  apiKey = (await service.call('/analytics/v1/api-keys', { body: key })).json.key;
});

/** What happens to a request on its way; `undefined` lets it pass. */
type Fault = ((request: IncomingMessage, response: ServerResponse) => void) | 'lose the answer' | undefined;

/** A line to the service that fails for the first requests. */
async function faultyLine(faults: Fault[]): Promise<string> {
  const { hostname, port } = new URL(service.origin);
  const server = createServer((request, response) => {
    const fault = faults.shift();
    if (typeof fault === 'function') return fault(request, response);
    const { url = '', method = '', headers } = request;
    const forwarded = send({ hostname, port, path: url, method, headers }, (answer) => {
      if (fault === 'lose the answer') {
        answer.resume().on('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connect(options: Partial<TidemarkOptions> & { url: string }): Tidemark {
  return new Tidemark({ apiKey, org: 'acme', onError: () => {}, ...options });
}

async function countOf(modelId: string): Promise<number> {
  const { rows } = await service.database.pool.query(
    'select count(*)::int as events from analytics.events where model_id = $1',
    [modelId],
  );
  return rows[0].events;
}

function answer(status: number, headers: Record<string, string> = {}): Fault {
  return (request, response) => {
    request.resume().on('end', () => response.writeHead(status, headers).end());
  };
}
const hangUp: Fault = (request) => request.socket.destroy();
const fallSilent: Fault = () => {};

test('a line that fails in every way, and loses answers, doubles and loses nothing', async () => {
  const faults: Fault[] = [
    ...[hangUp, 'lose the answer' as const, answer(503), answer(429, { 'retry-after': '1' }), answer(500)],
    ...[answer(408), answer(502), answer(200), fallSilent, 'lose the answer' as const],
  ];
  const count = faults.length;
  const client = connect({ url: await faultyLine(faults), requestTimeout: 500, flushAt: 50 });
  for (let index = 0; index < 2_000; index++) client.track({ modelId: 'faulty', status: 'success' });
  await client.flush(2 * MINUTE);
  const stats = await client.close();
  expect(stats.stored + stats.duplicates).toBe(2_000);
  expect([faults.length, stats.dropped, stats.queued]).toEqual([0, 0, 0]);
  // A busy machine may be slower than the timeout once more.
  expect(stats.retries).toBeGreaterThanOrEqual(count);
  expect(await countOf('faulty')).toBe(2_000);
});

test('what the service refuses for good is dropped, with its count', async () => {
  const drops: [number, string][] = [];
  const client = connect({
    url: await faultyLine([answer(400)]),
    onDrop: (count, reason) => drops.push([count, reason]),
  });
  for (let index = 0; index < 20; index++) client.track({ modelId: 'refused', status: 'success' });
  await expect(client.flush()).rejects.toThrow('20 of 20 events were not stored');
  expect(drops).toEqual([[20, 'refused']]);
  expect(await client.close()).toMatchObject({ dropped: 20, queued: 0 });
});

test('an onError that throws ends neither the process nor the delivery', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const onError = () => {
    throw new Error('of the caller');
  };
  const client = connect({ url: await faultyLine([answer(503), answer(400)]), onError, onDrop: () => {} });
  client.track({ modelId: 'refused', status: 'success' });
  await expect(client.flush(20 * SECOND)).rejects.toThrow('1 of 1 events were not stored');
  client.track({ modelId: 'goes-on', status: 'success' });
  await client.flush(20 * SECOND);
  expect(await client.close()).toMatchObject({ stored: 1, dropped: 1, retries: 1 });
});

test('Retry-After holds back the whole client', async () => {
  const times: number[] = [];
  const note =
    (fault: Fault): Fault =>
    (request, response) => {
      times.push(Date.now());
      if (typeof fault === 'function') fault(request, response);
    };
  const url = await faultyLine([note(answer(429, { 'retry-after': '2' })), undefined]);
  const client = connect({ url });
  client.track({ modelId: 'paused', status: 'success' });
  const flushed = client.flush(20 * SECOND);
  await expect.poll(() => times.length).toBe(1);
  const now = await client.trackNow({ modelId: 'paused', status: 'success' });
  await flushed;
  expect(now).toEqual({ outcome: 'stored' });
  expect(Date.now() - (times[0] ?? 0)).toBeGreaterThanOrEqual(2_000);
  await client.close();
});

test('100,000 events for a service that is away hold no more than the queue may, and the rest is told', async () => {
  const maxQueueBytes = 4 * 2 ** 20;
  let dropped = 0;
  const client = connect({
    ...{ url: 'http://127.0.0.1:9', maxQueueBytes, shutdownTimeout: 300 },
    onDrop: (count) => {
      dropped += count;
    },
  });
  for (let index = 0; index < 100_000; index++) client.track({ modelId: 'away', status: 'success' });
  const { queued } = client.stats;
  expect(queued).toBeGreaterThan(10_000);
  expect(queued * JSON.stringify({ modelId: 'away', status: 'success' }).length).toBeLessThan(maxQueueBytes);
  const stats = await client.close();
  expect(stats).toMatchObject({ queued: 0, sent: 0, dropped: 100_000 });
  expect(dropped).toBe(100_000);
});

test('a service that is killed and comes back has every event once', { timeout: 3 * MINUTE }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-client-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  let running = await startServiceProcess(dataDir);
  const port = new URL(running.origin).port;
  const token = await tokenOf(['admin']);
  const call = async (path: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const request =
      body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    return (await fetch(`${running.origin}/analytics/v1${path}`, request)).json();
  };
  const key = (await call('/api-keys', { name: 'a', role: 'ingest', orgs: ['acme'] })) as { key: string };
  const client = connect({ url: running.origin, apiKey: key.key, flushAt: 20, flushInterval: 50 });
  for (let index = 0; index < 2_000; index++) {
    client.track({ modelId: 'survivor', status: 'success' });
    if (index % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    if (index === 1_000) await running.kill();
  }
  running = await startServiceProcess(dataDir, { HTTP_PORT: port });
  onTestFinished(() => running.stop());
  await client.flush(MINUTE);
  expect(await client.close()).toMatchObject({ dropped: 0, queued: 0, rejected: 0 });
  const usage = async () => {
    const { totals } = (await call('/orgs/acme/usage')) as { totals: { invocations: number } };
    return totals.invocations;
  };
  await expect.poll(usage, { timeout: 30 * SECOND, interval: 200 }).toBe(2_000);
});
