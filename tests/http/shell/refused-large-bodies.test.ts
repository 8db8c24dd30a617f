import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const limited = useService({ INGEST_RATE_LIMIT_PER_MINUTE: '1' });
const EVENTS = '/analytics/v1/events';
/** A client has one kept connection, so each request follows a refused one. */
const TIMES = Array.from({ length: 6 });
const body = Buffer.alloc(11_000_000, ' ');
const rateLimited = Buffer.alloc(9_000_000, ' ');

const cases = [
  ['of 11 MB', 413, EVENTS, {}],
  ['of another content type', 415, EVENTS, { 'content-type': 'text/plain' }],
  ['in an unknown encoding', 415, EVENTS, { 'content-encoding': 'rot13' }],
  ['for a path that does not exist', 404, '/nowhere', {}],
  ['of another content type for such a path', 404, '/nowhere', { 'content-type': 'text/plain' }],
  ['for a path with other methods', 405, '/analytics/v1/status/healthz', {}],
  ['without a token', 401, EVENTS, { authorization: 'Bearer none' }],
  ['of 11 MB for a path that takes 1 MB', 413, '/analytics/v1/api-keys', {}],
] as const;

describe.each(cases)('a body %s', (_, status, path, headers) => {
  test('is refused by an answer that arrives, over a kept connection', async () => {
    const answers = [];
    for (const _ of TIMES) answers.push(await service.call(path, { method: 'POST', body, headers }));
    expect(answers.map((answer) => answer.status)).toEqual(TIMES.map(() => status));
  });

  test.each(['keep-alive', 'close'])(
    'is refused so that a client sees it after it sent all, with %s',
    async (connection) => {
      const token = await tokenOf(['admin']);
      const all = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\nContent-Length: ${body.length}\r\n`;
      const answer = await sendThenRead(service.origin, [`${head}${lines.join('')}\r\n`, body]);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*\\nConnection: ${connection}\\r\\n`, 'i'));
    },
  );
});

test('a request over the rate limit is told when to retry, also with a large body', async () => {
  const token = await tokenOf(['admin'], [], 'eager');
  const statuses = [];
  for (const _ of TIMES) {
    const answer = await limited.call(EVENTS, { method: 'POST', token, body: rateLimited });
    statuses.push([answer.status, answer.headers.has('retry-after')]);
  }
  expect(statuses).toEqual([[400, false], ...TIMES.slice(1).map(() => [429, true])]);
});

/** Reads nothing before the last byte is written, as clients with blocking sockets do. */
function sendThenRead(origin: string, parts: readonly (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.pause();
    socket.once('error', reject);
    for (const part of parts) socket.write(part);
    socket.write('', () =>
      socket
        .once('data', (piece) => {
          socket.destroy();
          resolve(piece.toString());
        })
        .resume(),
    );
  });
}
