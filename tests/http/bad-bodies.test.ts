// biome-ignore-all lint/style/noExcessiveLinesPerFile: its cases share one set-up
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeUsage } from '../support/events/fixtures.ts';
import { sendRaw } from '../support/service/raw-http.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const service = useService();
/** For requests that never come whole; the others have all the time that a busy machine needs. */
const impatient = useService({ REQUEST_TIMEOUT: '1s' });
const EVENTS = '/analytics/v1/events';

/** The last body of raw answers. */
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
])('%s takes no %i bytes, and says how many it takes', async (path, bytes, type, detail) => {
  const answer = await service.call(path, { body: 'a'.repeat(bytes), headers: { 'content-type': type } });
  expect(answer).toMatchObject({ status: 413, json: { code: 'too_large', detail } });
});

describe.each<[string, string | Buffer, string]>([
  ['nothing', '', 'empty'],
  ['spaces', ' \n ', 'empty'],
  ['half an object', '{"eventId":"a"', 'position 14 (line 1, column 15)'],
  ['an object that goes on', '{} {}', 'position 3'],
  ['NaN', '{"latencyMs":NaN}', 'position 13'],
  ['Infinity', '{"latencyMs":-Infinity}', 'position 13'],
  ['single quotes', "{'eventId':1}", 'position 1'],
  ['a comma too many', '[{},\n]', 'line 2, column 1'],
  ['a raw NUL byte', '{"a":"\0"}', 'position 6'],
  ['half of an array a million levels deep', '['.repeat(1_000_000), 'position 1000000'],
  ['half of an array a level deeper', '['.repeat(1_000_001), 'nested deeper than 1000000 levels'],
  [
    'an array two million levels deep',
    '['.repeat(2e6) + ']'.repeat(2e6),
    'nested deeper than 1000000 levels',
  ],
  ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'UTF-8'],
  ['XML', '<event/>', 'position 0'],
])('a body of %s', (_, body, where) => {
  test('is no JSON, and the problem says where', async () => {
    const { status, headers, json } = await send(body);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(json).toMatchObject({
      code: 'invalid_json',
      status: 400,
      instance: EVENTS,
      errors: [{ path: '$' }],
    });
    expect(json.detail).toContain(where);
    expect(json.requestId).toBe(headers.get('x-request-id'));
  });
});

test.each(['7', '"text"', 'null', 'true'])('a body of %s is JSON, but no event', async (body) => {
  expect((await send(body)).json).toMatchObject({
    status: 400,
    code: 'invalid_request',
    errors: [{ path: '$' }],
  });
});

test('an array a hundred thousand levels deep is one event that is none', async () => {
  const { status, json } = await send('['.repeat(100_000) + ']'.repeat(100_000));
  expect(status).toBe(207);
  expect(json).toMatchObject({ received: 1, rejected: 1 });
});

test('a batch of CloudEvents must be an array', async () => {
  const { json } = await send('{}', { 'content-type': 'application/cloudevents-batch+json' });
  expect(json).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ path: '$' }] });
});

describe('a content type', () => {
  test.each([
    'text/plain',
    'application/xml',
    'text/json',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'nonsense',
  ])('%s is not taken', async (contentType) => {
    expect((await send('{}', { 'content-type': contentType })).json).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
      errors: [{ path: 'content-type' }],
    });
  });

  test.each(['text/plain', 'nonsense', ''])(
    '%j is answered with those that are taken',
    async (contentType) => {
      const ofEvents =
        'application/json, application/x-ndjson, application/cloudevents+json, application/cloudevents-batch+json';
      expect((await send('{}', { 'content-type': contentType })).json).toMatchObject({
        detail: `This path takes a body with one of these content types: ${ofEvents}.`,
        errors: [{ path: 'content-type', message: `must be one of ${ofEvents}` }],
      });
      for (const [path, types] of [
        ['/analytics/v1/api-keys', 'application/json'],
        ['/api/v1/analytics/alerts/configs/import', 'application/yaml, text/yaml, application/x-yaml'],
      ] as const) {
        const { json } = await service.call(path, { body: '{}', headers: { 'content-type': contentType } });
        expect(json.errors).toEqual([{ path: 'content-type', message: `must be one of ${types}` }]);
      }
    },
  );

  test('is not needed by a request without a body, which is empty', async () => {
    for (const path of [EVENTS, `${EVENTS}/validate`]) {
      const { json } = await service.call(path, { method: 'POST' });
      expect(json).toMatchObject({ status: 400, errors: [{ path: '$', message: 'must not be empty' }] });
    }
  });

  test.each(['zstd', 'gzip, br', 'toString', ''])('with the encoding %j is not taken', async (encoding) => {
    const { json } = await send('{}', { 'content-encoding': encoding });
    expect(json).toMatchObject({ status: 415, errors: [{ path: 'content-encoding' }] });
  });
});

describe('a body that is too large', () => {
  const tooLarge = {
    status: 413,
    code: 'too_large',
    errors: [{ path: '$', message: 'must be at most 10 MB' }],
  };
  const large = ' '.repeat(10_000_001);

  test('is refused by its length', async () => {
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
    // What making the bomb took is not the service's; it adds little to it.
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

describe('a compressed body', () => {
  const whole = gzipSync(JSON.stringify(makeUsage()));

  const wrong = 'must be compressed by gzip, as Content-Encoding says';

  test.each<[string, Buffer, string]>([
    ['that is not compressed', Buffer.from('{}'), wrong],
    ['that is cut', whole.subarray(0, -20), 'must be complete'],
    ['that is damaged', Buffer.concat([whole.subarray(0, 30), Buffer.alloc(10), whole.subarray(40)]), wrong],
  ])('%s is refused', async (_, body, message) => {
    expect((await send(body, { 'content-encoding': 'gzip' })).json).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ path: '$', message }],
    });
  });
});

describe('a small body of millions of faults', () => {
  // Each line of each order lacks six fields.
  const order = JSON.stringify({
    type: 'order',
    eventId: 'n',
    items: Array.from({ length: 500 }, () => ({})),
  });
  const flood = gzipSync(`[${Array.from({ length: 6_400 }, () => order).join(',')}]`);
  const headers = { 'content-encoding': 'gzip' };

  test('is refused with the first faults of the first events', async () => {
    const { status, text, json } = await send(flood, headers);
    expect(status).toBe(207);
    expect(json).toMatchObject({ received: 6_400, rejected: 6_400 });
    expect(json.errors).toHaveLength(100);
    expect(json.errors[0].detail).toMatch(/^orgId is required; .* and is not read from items\[\d\] on$/);
    expect(text.length).toBeLessThan(200_000);
  });

  test('is checked with a thousand of them, and is told how many more were met', async () => {
    const { status, text, json } = await service.call(`${EVENTS}/validate`, { body: flood, headers });
    expect(status).toBe(400);
    expect(json.errors).toHaveLength(1_000);
    expect(json.detail).toBe('The events have 134400 faults; the first 1000 are listed.');
    expect(text.length).toBeLessThan(200_000);
  });
});

describe('a body that does not come', () => {
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

  test('in time is given up with a 408', async () => {
    const answer = await sendRaw(impatient.origin, `${await head(100)}{"eventId":`);
    expect(answer).toMatch(/^HTTP\/1.1 408 [\s\S]*application\/problem\+json/);
    expect(problemIn(answer)).toMatchObject({
      code: 'request_timeout',
      instance: EVENTS,
      errors: [{ path: '$', message: 'must arrive completely within 1 s' }],
    });
  });

  test('whole, since its sender has gone, stores nothing and hurts nobody', async () => {
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
])('%s end in a problem', async (_, bytes, status) => {
  const answer = await sendRaw(impatient.origin, bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*application/problem\\+json`));
  expect(problemIn(answer)).toMatchObject({ status, errors: [{ path: 'headers' }] });
});

test('headers that break off after a request that was answered are not taken for its body', async () => {
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
