import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const EVENTS = '/analytics/v1/events';

function send(body: string | Uint8Array, headers: Record<string, string> = {}) {
  return service.call(EVENTS, { body, headers });
}

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
  test('is refused as invalid JSON, and the problem gives the position', async () => {
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

test.each(['7', '"text"', 'null', 'true'])('a body of %s is JSON but not an event', async (body) => {
  expect((await send(body)).json).toMatchObject({
    status: 400,
    code: 'invalid_request',
    errors: [{ path: '$' }],
  });
});

test('an array a hundred thousand levels deep is one refused event', async () => {
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
  ])('%s is refused', async (contentType) => {
    expect((await send('{}', { 'content-type': contentType })).json).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
      errors: [{ path: 'content-type' }],
    });
  });

  test.each(['text/plain', 'nonsense', ''])(
    '%j is refused with the list of accepted types',
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

  test('is not needed without a body, and the request is refused as empty', async () => {
    for (const path of [EVENTS, `${EVENTS}/validate`]) {
      const { json } = await service.call(path, { method: 'POST' });
      expect(json).toMatchObject({ status: 400, errors: [{ path: '$', message: 'must not be empty' }] });
    }
  });

  test.each(['lzma', 'gzip, br', 'toString', ''])('with the encoding %j is refused', async (encoding) => {
    const { json } = await send('{}', { 'content-encoding': encoding });
    expect(json).toMatchObject({ status: 415, errors: [{ path: 'content-encoding' }] });
  });
});

describe('a compressed body', () => {
  const whole = gzipSync(JSON.stringify(makeUsage()));

  const wrong = 'must be compressed by gzip, as Content-Encoding says';

  test.each([
    [
      'that is no deflate',
      Buffer.from([0x07, 0x07]),
      'must be compressed by deflate, as Content-Encoding says',
    ],
    ['that is cut', deflateRawSync(JSON.stringify(makeUsage())).subarray(0, -20), 'must be complete'],
    ['that is empty', Buffer.alloc(0), 'must be complete'],
  ])('of deflate without a header %s is refused', async (_, body, message) => {
    expect((await send(body, { 'content-encoding': 'deflate' })).json).toMatchObject({
      status: 400,
      errors: [{ path: '$', message }],
    });
  });

  test('of deflate that is too large is refused', async () => {
    const bomb = deflateRawSync(Buffer.alloc(20_000_000, ' '));
    expect((await send(bomb, { 'content-encoding': 'deflate' })).status).toBe(413);
  });

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

describe('a small body with millions of faults', () => {
  // Each line of each order lacks six fields.
  const order = JSON.stringify({
    type: 'order',
    eventId: 'n',
    items: Array.from({ length: 500 }, () => ({})),
  });
  const flood = gzipSync(`[${Array.from({ length: 1_900 }, () => order).join(',')}]`);
  const headers = { 'content-encoding': 'gzip' };

  test('is refused with the first faults of the first events', async () => {
    const { status, text, json } = await send(flood, headers);
    expect(status).toBe(207);
    expect(json).toMatchObject({ received: 1_900, rejected: 1_900 });
    expect(json.errors).toHaveLength(100);
    expect(json.errors[0].detail).toMatch(/^orgId is required; .* and is not checked from items\[\d\] on$/);
    expect(text.length).toBeLessThan(200_000);
  });

  test('is validated with a thousand faults, and the number of further faults', async () => {
    const { status, text, json } = await service.call(`${EVENTS}/validate`, { body: flood, headers });
    expect(status).toBe(400);
    expect(json.errors).toHaveLength(1_000);
    expect(json.detail).toBe('The events have 39900 faults; the first 1000 are listed.');
    expect(text.length).toBeLessThan(200_000);
  });
});
