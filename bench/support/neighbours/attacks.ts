import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { SECOND, sleep } from '../../../src/time.ts';
import { usageEvents } from '../seed-events.ts';
import type { Service } from '../service.ts';

/** One way in which a caller may try to use more than its share. */
export interface Attack {
  name: string;
  /** Runs until the signal aborts. */
  run(target: Target, signal: AbortSignal): Promise<void>;
}

export interface Target {
  service: Pick<Service, 'address'>;
  /** Tokens of the attacking org. */
  ingest: string;
  engineer: string;
  admin: string;
  /** A URL that takes requests and never answers. */
  hangingUrl: string;
}

export const ATTACKER = 'attacker';
export const ATTACKER_MODELS = 20_000;
const CONNECTIONS = 12;
const SINGLES_CONNECTIONS = 64;
const HANG_UPS_A_SECOND = 20;
const READERS = 200;
const QUESTIONS_A_SECOND = 8;

/** 9.9 MB of spaces around an empty list: 10 kB on the wire. */
const inflating = gzipSync(Buffer.concat([Buffer.from('['), Buffer.alloc(9_900_000, ' '), Buffer.from(']')]));
/** Millions of events that are none: 10 kB on the wire. */
const emptyEvents = gzipSync(Buffer.from(`[${'{},'.repeat(3_200_000)}{}]`));

function headOf(path: string, token: string, length: number): string {
  return [
    `POST ${path} HTTP/1.1`,
    'Host: bench',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    'Content-Encoding: gzip',
    `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n');
}

/** Opens a connection whose errors do not matter. */
function dial(service: Target['service']): Socket {
  const { hostname, port } = new URL(service.address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  return socket;
}

/** Sends a whole compressed body and hangs up at once. */
async function hangUp({ service, ingest }: Target, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const socket = dial(service);
    socket.write(headOf('/analytics/v1/events', ingest, inflating.length));
    socket.write(inflating, () => setTimeout(() => socket.destroy(), 5));
    await sleep(SECOND / HANG_UPS_A_SECOND);
  }
}

/** Sends all of a compressed body but its last byte, and waits. */
async function stall({ service, ingest }: Target, signal: AbortSignal): Promise<void> {
  const stalled: Socket[] = [];
  while (!signal.aborted) {
    for (const socket of stalled.splice(0)) socket.destroy();
    for (let count = 0; count < 4; count++) {
      const socket = dial(service);
      socket.write(headOf('/analytics/v1/events', ingest, inflating.length));
      socket.write(inflating.subarray(0, -1));
      stalled.push(socket);
    }
    await sleep(4 * SECOND);
  }
  for (const socket of stalled) socket.destroy();
}

/** Asks for large public pages and does not read the answers. */
async function readNothing({ service }: Target, signal: AbortSignal): Promise<void> {
  const readers = Array.from({ length: READERS }, (_, index) => {
    const socket = dial(service);
    const path = index % 2 === 0 ? '/docs/scalar.js' : '/openapi.json';
    socket.pause();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
    return socket;
  });
  while (!signal.aborted) await sleep(SECOND / 10);
  for (const socket of readers) socket.destroy();
}

/** Posts bodies over several connections as fast as they are answered. */
async function post(
  { service, ingest }: Target,
  signal: AbortSignal,
  connections: number,
  bodyOf: () => { body: Buffer; encoding?: string },
): Promise<void> {
  const work = async () => {
    while (!signal.aborted) {
      const { body, encoding } = bodyOf();
      const answer = await fetch(`${service.address}/analytics/v1/events`, {
        method: 'POST',
        body,
        signal,
        headers: {
          authorization: `Bearer ${ingest}`,
          'content-type': 'application/json',
          ...(encoding && { 'content-encoding': encoding }),
        },
      }).catch(() => undefined);
      await answer?.arrayBuffer().catch(() => undefined);
      if (answer === undefined || answer.status >= 400) await sleep(20);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
}

/** Sends batches of new events over several connections. */
async function flood(
  target: Target,
  signal: AbortSignal,
  { connections, batch }: { connections: number; batch: number },
): Promise<void> {
  const next = usageEvents(7, () => Date.now());
  await post(target, signal, connections, () => {
    const events = Array.from({ length: batch }, () => ({ ...next(), orgId: ATTACKER }));
    return { body: Buffer.from(JSON.stringify(events)) };
  });
}

/** Asks for a series of each of many models, at a fixed rate. */
async function ask({ service, engineer }: Target, signal: AbortSignal): Promise<void> {
  const end = new Date();
  const start = new Date(end.getTime() - 30 * 24 * 3_600 * SECOND);
  const query = `start=${start.toISOString()}&end=${end.toISOString()}&granularity=day&groupBy=model`;
  const asked: Promise<unknown>[] = [];
  while (!signal.aborted) {
    const answer = fetch(`${service.address}/analytics/v1/orgs/${ATTACKER}/reliability?${query}`, {
      headers: { authorization: `Bearer ${engineer}` },
      signal,
    });
    asked.push(answer.then((reply) => reply.arrayBuffer()).catch(() => undefined));
    await sleep(SECOND / QUESTIONS_A_SECOND);
  }
  await Promise.all(asked);
}

export const attacks: readonly Attack[] = [
  { name: `${HANG_UPS_A_SECOND} hang-ups a second, each after 10 kB that inflate to 9.9 MB`, run: hangUp },
  { name: 'four stalled bodies of 10 kB that inflate to 9.9 MB', run: stall },
  { name: `${READERS} readers of public pages that do not read`, run: readNothing },
  {
    name: `one key with ${CONNECTIONS} connections, 1,000 events a request`,
    run: (target, signal) => flood(target, signal, { connections: CONNECTIONS, batch: 1_000 }),
  },
  {
    name: `one key with ${SINGLES_CONNECTIONS} connections, one event a request`,
    run: (target, signal) => flood(target, signal, { connections: SINGLES_CONNECTIONS, batch: 1 }),
  },
  {
    name: 'bodies of 3.2 million empty events, 10 kB each',
    run: (target, signal) => post(target, signal, 4, () => ({ body: emptyEvents, encoding: 'gzip' })),
  },
  { name: `${QUESTIONS_A_SECOND} questions a second, by ${ATTACKER_MODELS} models`, run: ask },
];
