import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf } from '../../support/service/service.ts';
import { all, cloudEvent, EVENTS, useEventRequests } from './event-requests.ts';

const { service, send, stored } = useEventRequests();

describe('events are accepted', () => {
  test.each<[string, string, () => unknown]>([
    ['one by one', 'application/json', () => makeUsage()],
    ['with a charset parameter', 'application/json; charset="UTF-8"', () => makeUsage()],
    ['after a byte order mark', 'application/json', () => `\uFEFF${JSON.stringify(makeUsage())}`],
    ['with the charset as some write it', 'application/json; charset=utf8', () => makeUsage()],
    ['as a line', 'application/x-ndjson', () => makeUsage()],
    ['as a line of another name', 'application/ndjson', () => makeUsage()],
    ['as a line of JSON Lines', 'application/jsonl; charset=utf-8', () => makeUsage()],
    ['as a CloudEvent', 'application/cloudevents+json', () => cloudEvent()],
  ])('%s', async (_, contentType, body) => {
    const { status, json } = await send(body(), contentType);
    expect({ status, ...json }).toEqual({ status: 200, ...all(1) });
  });

  test.each<[string, string, () => unknown]>([
    ['as an array', 'application/json', () => [makeUsage(), makeUsage()]],
    [
      'as lines',
      'application/x-ndjson',
      () => `${JSON.stringify(makeUsage())}\r\n\n${JSON.stringify(makeUsage())}\n`,
    ],
    ['as a batch of CloudEvents', 'application/cloudevents-batch+json', () => [cloudEvent(), cloudEvent()]],
  ])('two at a time %s', async (_, contentType, body) => {
    const { status, json } = await send(body(), contentType);
    expect({ status, ...json }).toEqual({ status: 200, ...all(2) });
  });

  test.each<[string, (text: string) => Buffer]>([
    ['deflate', deflateRawSync],
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('compressed by %s', async (encoding, compress) => {
    const { json } = await send(compress(JSON.stringify([makeUsage()])), 'application/json', {
      'content-encoding': encoding,
    });
    expect(json).toEqual(all(1));
  });

  test('ten thousand at a time, and not one more', async () => {
    const events = Array.from({ length: 10_001 }, () => makeUsage());
    expect((await send(events)).json).toMatchObject({ status: 413, code: 'too_large' });
    expect(
      (await send(events.map((event) => JSON.stringify(event)).join('\n'), 'application/x-ndjson')).status,
    ).toBe(413);
    expect((await send(events.slice(1))).json).toEqual(all(10_000));
  });

  test('none at a time', async () => {
    expect((await send([])).json).toEqual(all(0));
  });
});

describe('an event that is sent again', () => {
  test('counts once, in whatever format', async () => {
    const event = makeUsage();
    expect((await send(event)).json).toEqual(all(1));
    const { data, ...envelope } = cloudEvent(event);
    const named = { ...envelope, id: '7', data: { ...data, eventId: event.eventId } };
    const again = await send([named, named], 'application/cloudevents-batch+json');
    expect(again.status).toBe(200);
    expect(again.json).toMatchObject({ received: 2, stored: 0, duplicates: 2 });
  });

  test('counts as the same with empty metadata and without', async () => {
    const { metadata: _, ...event } = makeUsage({ metadata: {} });
    expect((await send([event, { ...event, metadata: {} }])).json).toMatchObject({
      stored: 1,
      duplicates: 1,
    });
  });

  test('is a conflict if its content differs', async () => {
    const event = makeUsage();
    await send(event);
    const { status, json } = await send([makeUsage(), { ...event, latencyMs: 1 }]);
    expect(status).toBe(207);
    expect(json).toMatchObject({
      received: 2,
      stored: 1,
      conflicts: 1,
      errors: [{ index: 1, eventId: event.eventId, code: 'conflict' }],
    });
  });
});

describe('in a batch with faults', () => {
  test('good events are stored, and the others named by their index', async () => {
    const good = makeUsage();
    const lines = [
      '{"no json',
      JSON.stringify(good),
      '',
      '{"eventId":"e-3"}',
      '[]',
      JSON.stringify(makeUsage({ orgId: 'globex' })),
    ];
    const token = await tokenOf(['ingest'], ['acme']);
    const { status, json } = await service.call(EVENTS, {
      token,
      body: lines.join('\n'),
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(status).toBe(207);
    expect(json).toMatchObject({
      received: 5,
      stored: 1,
      rejected: 4,
      errors: [
        { index: 0, eventId: null, code: 'invalid' },
        { index: 2, eventId: 'e-3', code: 'invalid' },
        { index: 3, eventId: null, code: 'invalid' },
        { index: 4, code: 'forbidden' },
      ],
    });
    expect(json.errors[0].detail).toContain('column 10');
    expect(json.errors[1].detail).toContain('orgId is required');
    expect(json.errors[3].detail).toContain('orgId');
  });

  test('a line that is not UTF-8 does not shift the index of others', async () => {
    const body = Buffer.concat([
      Buffer.from(`\uFEFF${JSON.stringify(makeUsage())}\r\n`),
      Buffer.from('{"eventId":"caf\xe9"}\n\n', 'latin1'),
      Buffer.from(JSON.stringify(makeUsage({ modelId: 'modèle' }))),
    ]);
    const { status, json } = await send(body, 'application/x-ndjson');
    expect(status).toBe(207);
    expect(json).toMatchObject({
      received: 3,
      stored: 2,
      rejected: 1,
      errors: [{ index: 1, code: 'invalid', detail: 'the line is not UTF-8' }],
    });
  });

  test('the position of a fault is given unless it is far into a long line', async () => {
    const line = '['.repeat(600_000);
    const { json } = await send([line, line, '{'].join('\n'), 'application/x-ndjson');
    expect(json.errors.map(({ detail }: { detail: string }) => detail)).toEqual([
      expect.stringMatching(/^the line is not valid JSON: at position 600000 /),
      'the line is not valid JSON',
      expect.stringMatching(/^the line is not valid JSON: at position 1 /),
    ]);
  });

  test('at most a hundred faults are named', async () => {
    const { status, json } = await send(Array.from({ length: 150 }, () => ({})));
    expect(status).toBe(207);
    expect(json).toMatchObject({ received: 150, rejected: 150 });
    expect(json.errors).toHaveLength(100);
  });
});

describe('an event', () => {
  test('gets the correlation id of its request unless it has its own', async () => {
    const [plain, own] = [makeUsage(), makeUsage({ correlationId: 'own' })];
    const answer = await send([plain, own], 'application/json', { 'x-correlation-id': 'checkout-7' });
    expect(answer.headers.get('x-correlation-id')).toBe('checkout-7');
    expect(await stored(plain.eventId)).toMatchObject([{ correlation_id: 'checkout-7' }]);
    expect(await stored(own.eventId)).toMatchObject([{ correlation_id: 'own' }]);
  });
});

describe('validate stores nothing', () => {
  const validate = (body: unknown, contentType = 'application/json') =>
    service.call(`${EVENTS}/validate`, { body, headers: { 'content-type': contentType } });

  test('and answers 204 if all events are good', async () => {
    const event = makeUsage();
    expect((await validate([event, makeUsage()])).status).toBe(204);
    expect((await send(event)).json).toEqual(all(1));
  });

  test('and names every fault of every event by its path', async () => {
    const { status, json } = await validate([
      makeUsage(),
      { ...makeUsage(), latencyMs: -1, modelId: 7 },
      'text',
    ]);
    expect(status).toBe(400);
    expect(json.code).toBe('invalid_events');
    expect(json.errors.map(({ path }: { path: string }) => path)).toEqual([
      '$[1].modelId',
      '$[1].latencyMs',
      '$[2]',
    ]);
  });

  test('and reads single events, lines and CloudEvents', async () => {
    const paths = async (body: unknown, contentType?: string) => {
      const { json } = await validate(body, contentType);
      return json.errors.map(({ path }: { path: string }) => path);
    };
    expect(await paths({ ...makeUsage(), inputTokens: -1 })).toEqual(['$.inputTokens']);
    expect(await paths(`${JSON.stringify(makeUsage())}\n{no`, 'application/x-ndjson')).toEqual(['$[1]']);
    expect(await paths({ ...cloudEvent(), time: 'noon' }, 'application/cloudevents+json')).toEqual([
      '$.time',
    ]);
  });
});
