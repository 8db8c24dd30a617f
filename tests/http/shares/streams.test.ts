/** Callers that begin to receive files and stop reading, beside callers that read. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { rolledUp } from '../../support/exports/exports.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService({ ROLES: 'api,ingest,worker', BUILT_IN_ALERTS: 'off' });
const BATCHES = 8;
const EVENTS_OF_BATCH = 500;
const EVENTS = BATCHES * EVENTS_OF_BATCH;
const METADATA = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`text ${n}`, 'x'.repeat(900)]));
const sockets: Socket[] = [];

function pathOf(org: string): string {
  return `/analytics/v1/orgs/${org}/events.csv`;
}

// The file of the attacker is of 36 MB, so no buffer of a socket holds it.
beforeAll(async () => {
  for (let batch = 0; batch < BATCHES; batch++) {
    const events = Array.from({ length: EVENTS_OF_BATCH }, () =>
      makeUsage({ orgId: 'attacker', occurredAt: new Date().toISOString(), metadata: METADATA }),
    );
    const sent = await service.call('/analytics/v1/events', { body: events });
    expect(sent.json).toMatchObject({ stored: EVENTS_OF_BATCH });
  }
  const victim = makeUsage({ orgId: 'victim', occurredAt: new Date().toISOString() });
  await service.call('/analytics/v1/events', { body: [victim] });
  await rolledUp(service, 'attacker', EVENTS);
  await rolledUp(service, 'victim', 1);
}, 120_000);

afterAll(() => {
  for (const socket of sockets) socket.destroy();
});

/** Asks for a file, and reads nothing after the first bytes of the answer. */
async function standStill(org: string): Promise<{ status: string; closed: Promise<unknown> }> {
  const { hostname, port } = new URL(service.origin);
  const token = await tokenOf(['engineer'], [org]);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.write(`GET ${pathOf(org)} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    });
    sockets.push(socket);
    const closed = new Promise((end) => socket.once('close', end));
    socket.on('error', () => {});
    socket.once('data', (data) => {
      socket.pause();
      resolve({ status: data.toString().slice(9, 12), closed });
    });
  });
}

async function read(org: string) {
  const token = await tokenOf(['engineer'], [org]);
  const { status, text, headers } = await service.call(pathOf(org), { token });
  return { status, lines: text.split('\r\n').length, retryAfter: headers.get('retry-after') };
}

test('a caller receives two files at once, others theirs, and a reader that stands still is cut off', {
  timeout: 120_000,
}, async () => {
  const still = [await standStill('attacker'), await standStill('attacker')];
  expect(still.map(({ status }) => status)).toEqual(['200', '200']);
  expect(await read('attacker')).toMatchObject({ status: 429, retryAfter: '2' });
  expect(await read('victim')).toMatchObject({ status: 200, lines: 3 });
  // A paused socket does not see that it was closed until it reads on.
  await expect
    .poll(async () => (await read('attacker')).status, { timeout: 60_000, interval: 500 })
    .toBe(200);
});
