/** Callers whose bodies take memory and never become events, beside a caller that sends ordinary batches. */
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService({ MAX_BODY_BYTES_IN_FLIGHT: '20000000' });
const EVENTS = '/analytics/v1/events';
/** 10 kB that become 9.9 MB. */
const bomb = gzipSync(Buffer.alloc(9_900_000, ' '));
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function headOf(length: number, org: string): Promise<string> {
  return [
    `POST ${EVENTS} HTTP/1.1`,
    'Host: a',
    `Authorization: Bearer ${await tokenOf(['ingest'], [org])}`,
    'Content-Type: application/json',
    'Content-Encoding: gzip',
    `Content-Length: ${length}`,
    '',
    '',
  ].join('\r\n');
}

/** Opens a connection and writes these bytes. It resolves when they are written. */
function write(...parts: (string | Buffer)[]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.origin);
    const socket = connect({ host: hostname, port: Number(port) }, () =>
      socket.write(Buffer.concat(parts.map((part) => Buffer.from(part as string))), () => resolve(socket)),
    );
    socket.on('error', reject);
    sockets.push(socket);
  });
}

/** Whether another org can send a batch of 1.9 MB. */
async function sendAsVictim(): Promise<number> {
  const token = await tokenOf(['ingest'], ['victim']);
  const filler = { note: 'a'.repeat(900), more: 'a'.repeat(900) };
  const body = Array.from({ length: 1_000 }, () => makeUsage({ orgId: 'victim', metadata: filler }));
  expect(JSON.stringify(body).length).toBeGreaterThan(1_800_000);
  return (await service.call(EVENTS, { token, body })).status;
}

async function heldBytes(): Promise<number> {
  const { text } = await service.call('/metrics', { token: null });
  return Number(/^tidemark_http_body_bytes (\d+)$/m.exec(text)?.[1] ?? expect.fail('the metric is missing'));
}

test.each([10, 800])('%i senders of whole gzip bodies that hang up keep no memory', async (count) => {
  const head = await headOf(bomb.length, 'leaver');
  for (let sent = 0; sent < count; sent += 10) {
    const some = await Promise.all(Array.from({ length: 10 }, () => write(head, bomb)));
    for (const socket of some) socket.destroy();
  }
  expect(await sendAsVictim()).toBe(200);
  await expect.poll(heldBytes, { timeout: 20_000 }).toBe(0);
  expect((await service.call('/analytics/v1/status/readyz', { token: null })).status).toBe(200);
});

test('bodies that stop arriving take the share of their org alone, and end after 5 s', async () => {
  const head = await headOf(bomb.length, 'staller');
  const stalled = await Promise.all(
    Array.from({ length: 4 }, () => write(head, bomb.subarray(0, bomb.length - 20))),
  );
  const answers: string[] = [];
  for (const socket of stalled) socket.on('data', (piece) => answers.push(String(piece)));
  await expect.poll(heldBytes, { timeout: 4_000 }).toBeGreaterThan(9_000_000);
  expect(await sendAsVictim()).toBe(200);
  await expect.poll(heldBytes, { timeout: 15_000 }).toBe(0);
  await expect
    .poll(() => answers.join('\n'), { timeout: 10_000 })
    .toMatch(/HTTP\/1.1 408 [\s\S]*No byte of the body arrived for 5 s/);
});

test('readiness names the bodies when none could be taken in', async () => {
  const ready = () => service.call('/analytics/v1/status/readyz', { token: null });
  // Each org fills its share, half of what the orgs before it have left, and never sends its last byte.
  let free = 20_000_000;
  for (let org = 0; free >= 100_000; org++) {
    const size = Math.min(9_900_000, Math.floor(free / 2));
    const token = await tokenOf(['ingest'], [`org-${org}`]);
    const head = `POST ${EVENTS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
    await write(`${head}Content-Length: ${size}\r\n\r\n`, Buffer.alloc(size - 1, ' '));
    free -= size - 1;
    await expect.poll(heldBytes, { timeout: 4_000 }).toBe(20_000_000 - free);
  }
  await expect
    .poll(async () => (await ready()).json, { timeout: 4_000 })
    .toMatchObject({ status: 503, errors: [{ path: 'bodies', message: 'is not available' }] });
  for (const socket of sockets.splice(0)) socket.destroy();
  await expect.poll(async () => (await ready()).status, { timeout: 4_000 }).toBe(200);
});
