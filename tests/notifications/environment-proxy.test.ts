/** With a proxy in the environment: the addresses of the operator go through it, those that others entered do not. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createOutbound } from '../../src/notifications/channels/outbound.ts';
import { silentLog } from '../support/events/ingestion.ts';

/** A name that only the proxy can find. */
const HOST = 'receiver.invalid';

const receiver = createServer((_request, response) => response.end('taken'));
const tunnels: string[] = [];
const proxy = createServer();
proxy.on('connect', (request, socket) => {
  tunnels.push(request.url ?? '');
  const upstream = connect((receiver.address() as AddressInfo).port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.pipe(socket).pipe(upstream);
  });
  for (const end of [upstream, socket]) end.on('error', () => socket.destroy());
});

beforeAll(async () => {
  for (const server of [receiver, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening');
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
});
afterAll(() => {
  vi.unstubAllEnvs();
  for (const server of [receiver, proxy]) {
    server.close();
    server.closeAllConnections();
  }
});
afterEach(() => void tunnels.splice(0));

async function answerOf(url: string, trusted: boolean): Promise<string> {
  const outbound = createOutbound({ allow: [], log: silentLog });
  try {
    return (await outbound.request(url, { trusted })).body;
  } finally {
    await outbound.close();
  }
}

test('a request to an address of the operator goes through the proxy', async () => {
  expect(await answerOf(`http://${HOST}/hook`, true)).toBe('taken');
  expect(tunnels).toEqual([`${HOST}:80`]);
});

test('a request to this machine does not', async () => {
  const { port } = receiver.address() as AddressInfo;
  expect(await answerOf(`http://127.0.0.1:${port}/hook`, true)).toBe('taken');
  expect(tunnels).toEqual([]);
});

test('a webhook is looked up and checked here, and never goes through the proxy', async () => {
  await expect(answerOf(`http://${HOST}/hook`, false)).rejects.toThrow('has no public address');
  await expect(answerOf('http://10.0.0.1/hook', false)).rejects.toThrow('has no public address');
  expect(tunnels).toEqual([]);
});
