import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';
import { asProtobuf, otlpSample } from './otlp-samples.ts';

const service = useService();
const PROTOBUF = 'application/x-protobuf';

async function send(org: string, body: unknown, contentType = 'application/json') {
  const token = await tokenOf(['ingest'], [org]);
  return service.call('/v1/traces', {
    method: 'POST',
    token,
    body,
    headers: { 'content-type': contentType },
  });
}

/** A request with the first call of a sample, changed. */
function requestWith(change: (span: { [name: string]: unknown; attributes: unknown[] }) => void) {
  const request = otlpSample('02-otlp-vercel-ai-v5-legacy');
  const spans = request.resourceSpans[0].scopeSpans[0].spans;
  spans.splice(1);
  change(spans[0]);
  return request;
}

function withAttribute(key: string, value: object) {
  return requestWith((span) => {
    const others = span.attributes.filter((other) => (other as { key: string }).key !== key);
    span.attributes = [...others, { key, value }];
  });
}

function nanos(milliseconds: number): string {
  return `${Date.now() + milliseconds}000000`;
}
const DAY = 86_400_000;

describe('a call that cannot be counted is refused with its reason, in both encodings', () => {
  test.each([
    [
      'negative tokens',
      withAttribute('gen_ai.usage.input_tokens', { intValue: '-4' }),
      'inputTokens must be',
    ],
    [
      'absurd tokens',
      withAttribute('gen_ai.usage.input_tokens', { intValue: '9007199254740993' }),
      'inputTokens must be',
    ],
    ['half a token', withAttribute('gen_ai.usage.input_tokens', { doubleValue: 1.5 }), 'inputTokens must be'],
    [
      'a model of 5,000 letters',
      withAttribute('gen_ai.response.model', { stringValue: 'm'.repeat(5_000) }),
      'modelId must',
    ],
    ['a trace of zeros', requestWith((span) => (span.traceId = '0'.repeat(32))), 'traceId must not be zeros'],
    ['a span of zeros', requestWith((span) => (span.spanId = '0'.repeat(16))), 'spanId must not be zeros'],
    [
      'a short trace',
      requestWith((span) => (span.traceId = 'abcd')),
      'traceId must have 32 hexadecimal digits',
    ],
    [
      'a span 401 days old',
      requestWith((span) => (span.startTimeUnixNano = nanos(-401 * DAY))),
      '400 days ago',
    ],
    [
      'a span ahead of the clock',
      requestWith((span) => (span.startTimeUnixNano = nanos(DAY))),
      'occurredAt must',
    ],
    ['no time', requestWith((span) => (span.startTimeUnixNano = '0')), 'startTimeUnixNano is required'],
  ])('%s', async (_name, request, reason) => {
    const answer = await send('refused', request);
    expect([answer.status, answer.json.partialSuccess.rejectedSpans]).toEqual([200, '1']);
    expect(answer.json.partialSuccess.errorMessage).toContain(reason);
    const encoded = await send('refused', asProtobuf(request), PROTOBUF);
    expect([encoded.status, encoded.headers.get('content-type')]).toEqual([200, PROTOBUF]);
    expect(encoded.text).toContain(reason);
    const { rows } = await service.database.pool.query(
      "select 1 from analytics.events where org_id = 'refused'",
    );
    expect(rows).toEqual([]);
  });
});

test('an attribute of a megabyte is skipped, and the call counts', async () => {
  const request = withAttribute('gen_ai.input.messages', { stringValue: 'Erika '.repeat(170_000) });
  expect((await send('huge', request)).text).toBe('{}');
  expect((await send('huge-protobuf', asProtobuf(request), PROTOBUF)).text).toBe('');
  const { rows } = await service.database.pool.query(
    "select length(e::text) < 1000 as short from analytics.events e where org_id like 'huge%'",
  );
  expect(rows).toEqual([{ short: true }, { short: true }]);
});

test('10,000 spans are taken at once', async () => {
  const request = requestWith(() => {});
  const [call] = request.resourceSpans[0].scopeSpans[0].spans;
  call.attributes = call.attributes.filter(({ key }: { key: string }) => !/\.id$/.test(key));
  request.resourceSpans[0].scopeSpans[0].spans = Array.from({ length: 10_000 }, (_, index) => ({
    ...call,
    spanId: (index + 1).toString(16).padStart(16, '0'),
  }));
  expect((await send('many', asProtobuf(request), PROTOBUF)).status).toBe(200);
  const { rows } = await service.database.pool.query(
    "select count(*)::int as events from analytics.events where org_id = 'many'",
  );
  expect(rows).toEqual([{ events: 10_000 }]);
});

test('a group that says to be longer than the body is told as broken protobuf', async () => {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).uint32(4_000_000_000);
  const answer = await send('broken', Buffer.from(writer.finish()), PROTOBUF);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([400, PROTOBUF]);
  expect(answer.text).toContain('ExportTraceServiceRequest');
});

test.each(['/v1/traces', '/v1/logs', '/v1/metrics', '/api/public/otel/v1/traces'])(
  '%s says what is wrong with the type and the method',
  async (path) => {
    expect((await service.call(path, { body: 'x', headers: { 'content-type': 'text/plain' } })).status).toBe(
      415,
    );
    expect((await service.call(path)).status).toBe(405);
  },
);
