import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { sendRaw } from '../../support/service/raw-http.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
/** For requests that never arrive whole. The others have all the time that a busy machine needs. */
const impatient = useService({ REQUEST_TIMEOUT: '1s' });
const EVENTS = '/analytics/v1/events';

/** The body of the last raw answer. */
function problemIn(answer: string) {
  return JSON.parse(answer.split('\r\n\r\n').at(-1) ?? '');
}

function send(body: string | Uint8Array, headers: Record<string, string> = {}) {
  return service.call(EVENTS, { body, headers });
}

test.each([
  ['/api/v1/analytics/alerts/configs', 1_000_001, 'application/json', 'The body is larger than 1 MB.'],
  [
    '/api/v1/analytics/alerts/configs/import',
    10_000_001,
    'application/yaml',
    'The body is larger than 10 MB.',
  ],
  [
    '/api/v1/analytics/alerts/acknowledge?token=x',
    1_001,
    'application/x-www-form-urlencoded',
    'The body is larger than 1 kB.',
  ],
])('%s refuses %i bytes, and says how many it accepts', async (path, bytes, type, detail) => {
  const answer = await service.call(path, { body: 'a'.repeat(bytes), headers: { 'content-type': type } });
  expect(answer).toMatchObject({ status: 413, json: { code: 'too_large', detail } });
});

describe('a body that is too large', () => {
  const tooLarge = {
    status: 413,
    code: 'too_large',
    errors: [{ path: '$', message: 'must be at most 10 MB' }],
  };
  const large = ' '.repeat(10_000_001);

  test('is refused by its Content-Length', async () => {
    expect((await send(large)).json).toMatchObject(tooLarge);
  });

  test('is refused while it arrives', async () => {
    const piece = `1000\r\n${' '.repeat(0x1000)}\r\n`;
    const head = [
      `POST ${EVENTS} HTTP/1.1`,
      'Host: a',
      `Authorization: Bearer ${await tokenOf(['admin'])}`,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
      '',
      '',
    ].join('\r\n');
    expect(await sendRaw(service.origin, head + piece.repeat(3_000))).toMatch(
      /^HTTP\/1.1 413 [\s\S]*"code":"too_large"/,
    );
  });

  test('is refused while it is decompressed', async () => {
    const before = process.memoryUsage().rss;
    const bomb = gzipSync(Buffer.alloc(500_000_000, ' '));
    const grown = process.memoryUsage().rss;
    expect(bomb.length).toBeLessThan(1_000_000);
    expect((await send(bomb, { 'content-encoding': 'gzip' })).json).toMatchObject({
      ...tooLarge,
      errors: [{ path: '$', message: 'must be at most 10 MB once decompressed' }],
    });
    // The memory for making the bomb is not the service's; the service adds little to it.
    expect(process.memoryUsage().rss - Math.max(before, grown)).toBeLessThan(100_000_000);
  });

  test('is refused on other paths at a size that fits them', async () => {
    const body = `{"name":"${'a'.repeat(1_000_000)}"}`;
    expect((await service.call('/analytics/v1/api-keys', { body })).json).toMatchObject({
      status: 413,
      errors: [{ path: '$', message: 'must be at most 1 MB' }],
    });
  });
});

describe('a body that does not arrive', () => {
  const head = async (length: number) =>
    [
      `POST ${EVENTS} HTTP/1.1`,
      'Host: a',
      `Authorization: Bearer ${await tokenOf(['admin'])}`,
      'Content-Type: application/json',
      `Content-Length: ${length}`,
      '',
      '',
    ].join('\r\n');

  test('in time is answered by 408', async () => {
    const answer = await sendRaw(impatient.origin, `${await head(100)}{"eventId":`);
    expect(answer).toMatch(/^HTTP\/1.1 408 [\s\S]*application\/problem\+json/);
    expect(problemIn(answer)).toMatchObject({
      code: 'request_timeout',
      instance: EVENTS,
      errors: [{ path: '$', message: 'must arrive completely within 1 s' }],
    });
  });

  test('whole, because its sender has gone, stores nothing and disturbs nobody', async () => {
    const event = JSON.stringify(makeUsage());
    const length = event.length + 10;
    const answer = await sendRaw(service.origin, (await head(length)) + event, { end: true });
    expect(problemIn(answer)).toMatchObject({
      status: 400,
      detail: 'The body ended before it was complete.',
      instance: EVENTS,
      errors: [{ path: '$', message: `must be ${length} bytes long, as Content-Length says` }],
    });
    expect(service.log.filter(({ msg }) => msg === 'unexpected')).toEqual([]);
    expect((await send(event)).json).toMatchObject({ stored: 1, duplicates: 0 });
  });
});

test.each<[string, string, number]>([
  ['headers that do not come', 'POST / HTTP/1.1\r\nHost: a\r\nX-Slow', 408],
  ['headers of 20 kB', `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`, 413],
  ['no HTTP at all', '\u0016\u0003\u0001 hello\r\n\r\n', 400],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    400,
  ],
])('%s are answered by a problem', async (_, bytes, status) => {
  const answer = await sendRaw(impatient.origin, bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*application/problem\\+json`));
  expect(problemIn(answer)).toMatchObject({ status, errors: [{ path: 'headers' }] });
});

test('headers that break off after an answered request are not read as its body', async () => {
  const first = `GET /analytics/v1/status/healthz HTTP/1.1\r\nHost: a\r\n\r\n`;
  const answer = await sendRaw(service.origin, `${first}GET / HTTP/1.1\r\nHost: a`, { end: true });
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(problemIn(answer)).toMatchObject({
    status: 400,
    detail: 'The request ended before its headers were complete.',
    instance: '',
    errors: [{ path: 'headers', message: 'must be complete' }],
  });
});
