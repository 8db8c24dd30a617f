import { gzipSync } from 'node:zlib';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { describe, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';
import { asProtobuf, otlpSample, sampleText } from './otlp-samples.ts';

const service = useService();
const TRACES = '/v1/traces';
const LANGFUSE = '/api/public/otel/v1/traces';
const PROTOBUF = 'application/x-protobuf';

async function send(path: string, org: string, body: unknown, headers: Record<string, string> = {}) {
  const token = await tokenOf(['ingest'], [org]);
  return service.call(path, {
    method: 'POST',
    token,
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** The sums of what is stored for an org. */
async function stored(org: string) {
  const { rows } = await service.database.pool.query(
    `select count(*)::int as events, sum(input_tokens)::int as input, sum(cached_input_tokens)::int as cached,
            sum(cache_write_tokens)::int as written, sum(output_tokens)::int as output,
            count(*) filter (where status = 'throttled')::int as throttled,
            count(*) filter (where status = 'timeout')::int as timeout
       from analytics.events where org_id = $1`,
    [org],
  );
  return rows[0];
}

const none = { cached: null, written: null, throttled: 0, timeout: 0 };
const samples: [string, string, object][] = [
  ['01-otlp-semconv-openai', TRACES, { ...none, events: 1, input: 1200, cached: 1000, output: 350 }],
  ['02-otlp-vercel-ai-v5-legacy', TRACES, { ...none, events: 2, input: 1730, output: 160 }],
  [
    '03-otlp-vercel-ai-v7-agent',
    TRACES,
    { ...none, events: 2, input: 24400, cached: 20000, written: 2000, output: 550 },
  ],
  [
    '05-otlp-failures-and-missing-usage',
    TRACES,
    { ...none, events: 4, input: 500, output: 100, throttled: 1, timeout: 1 },
  ],
  [
    '08-langfuse-otel',
    LANGFUSE,
    { ...none, events: 1, input: 7500, cached: 6000, written: 500, output: 400 },
  ],
];

describe('traces', () => {
  test.each(samples)('count each call of %s once, in both encodings', async (name, path, expected) => {
    const request = otlpSample(name);
    const first = await send(path, name, request);
    expect(first).toMatchObject({ status: 200, json: {} });
    expect(first.text).toBe('{}');
    expect(await stored(name)).toEqual(expected);
    const again = await send(path, name, gzipSync(asProtobuf(request)), {
      'content-type': PROTOBUF,
      'content-encoding': 'gzip',
    });
    expect([again.status, again.text, again.headers.get('content-type')]).toEqual([200, '', PROTOBUF]);
    expect(await stored(name)).toEqual(expected);
    const conflicts = await service.database.pool.query(
      'select 1 from analytics.event_conflicts where org_id = $1',
      [name],
    );
    expect(conflicts.rows).toEqual([]);
    const other = `${name}-protobuf`;
    await send(path, other, asProtobuf(request), { 'content-type': PROTOBUF });
    expect(await stored(other)).toEqual(expected);
  });

  test('count one call that the gateway and the application report', async () => {
    const request = otlpSample('01-otlp-semconv-openai');
    await send(TRACES, 'both', request);
    const gateway = JSON.parse(
      JSON.stringify(request).replaceAll('01aa', '77aa').replaceAll('5f1d0a7c', '77770a7c'),
    );
    expect((await send(TRACES, 'both', gateway)).text).toBe('{}');
    expect(await stored('both')).toMatchObject({ events: 1, input: 1200 });
  });

  test('take the good spans, and name the others', async () => {
    const request = otlpSample('02-otlp-vercel-ai-v5-legacy');
    const [call, , other] = request.resourceSpans[0].scopeSpans[0].spans;
    call.startTimeUnixNano = '1600000000000000000';
    other.attributes.find(({ key }: { key: string }) => key === 'gen_ai.usage.input_tokens').value.intValue =
      '-4';
    const { status, json } = await send(TRACES, 'some', request);
    expect([status, json.partialSuccess.rejectedSpans]).toEqual([200, '2']);
    expect(json.partialSuccess.errorMessage).toMatch(/400 days ago.*inputTokens must be/);
  });

  test('leave nothing of prompts in the database, the log and the answer', async () => {
    const request = otlpSample('01-otlp-semconv-openai');
    const secret = 'the patient is called Erika';
    for (const { spans } of request.resourceSpans[0].scopeSpans) {
      for (const span of spans) {
        for (const key of ['gen_ai.prompt.0.content', 'gen_ai.input.messages', 'ai.prompt', 'input.value'])
          span.attributes.push({ key, value: { stringValue: secret } });
        span.events = [
          { name: 'gen_ai.user.message', attributes: [{ key: 'content', value: { stringValue: secret } }] },
        ];
        span.status = { code: 2, message: secret };
      }
    }
    const answers = [
      await send(TRACES, 'secret', request),
      await send(TRACES, 'secret', asProtobuf(request), { 'content-type': PROTOBUF }),
      await send(TRACES, 'secret', `${JSON.stringify(request).slice(0, -2)}`),
      await send(TRACES, 'secret', asProtobuf(request).subarray(0, -3), { 'content-type': PROTOBUF }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 400]);
    const { rows } = await service.database.pool.query(
      "select e::text from analytics.events e where org_id = 'secret'",
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, answers.map(({ text }) => text), service.log])).not.toContain('Erika');
  });
});

describe('an export that cannot be taken', () => {
  test('is answered with a google.rpc.Status in its encoding', async () => {
    const bad = await send(TRACES, 'bad', '{');
    expect(bad).toMatchObject({ status: 400, json: { code: 3 } });
    expect(await send(TRACES, 'bad', { resourceLogs: [] })).toMatchObject({ status: 400, json: { code: 3 } });
    const truncated = await send(TRACES, 'bad', asProtobuf(otlpSample('08-langfuse-otel')).subarray(0, 300), {
      'content-type': PROTOBUF,
    });
    expect([truncated.status, truncated.headers.get('content-type')]).toEqual([400, PROTOBUF]);
    expect([...Buffer.from(truncated.text).subarray(0, 2)]).toEqual([0x08, 3]);
    expect(await send(TRACES, 'bad', 'x', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      json: { code: 3 },
    });
    expect((await service.call(TRACES)).status).toBe(405);
    const several = await service.call(TRACES, { body: {}, token: await tokenOf(['ingest'], ['a', 'b']) });
    expect(several).toMatchObject({ status: 403, json: { code: 7 } });
    expect(await service.call(TRACES, { body: {}, token: null })).toMatchObject({
      status: 401,
      json: { code: 16 },
    });
  });

  test('may hold wrong wire types and any bytes', async () => {
    const whole = asProtobuf(otlpSample('03-otlp-vercel-ai-v7-agent'));
    for (let at = 0; at < whole.length; at += 97) {
      const broken = Buffer.from(whole);
      broken[at] = (broken[at] ?? 0) ^ 0xff;
      const { status } = await send(TRACES, 'fuzz', broken, { 'content-type': PROTOBUF });
      expect([200, 400]).toContain(status);
    }
  });

  test('has more than 10,000 spans', async () => {
    const request = otlpSample('01-otlp-semconv-openai');
    request.resourceSpans[0].scopeSpans[0].spans = Array.from({ length: 10_001 }, () => ({ name: 'x' }));
    expect((await send(TRACES, 'many', request)).status).toBe(413);
  });
});

test('a key of Langfuse is the password of Basic authentication, on its path alone', async () => {
  const made = await service.call('/analytics/v1/api-keys', {
    body: { name: 'langfuse', role: 'ingest', orgs: ['basic'] },
  });
  const authorization = `Basic ${Buffer.from(`pk-lf-1:${made.json.key}`).toString('base64')}`;
  const body = otlpSample('08-langfuse-otel');
  const call = (path: string) => service.call(path, { token: null, body, headers: { authorization } });
  expect((await call(LANGFUSE)).status).toBe(200);
  expect(await stored('basic')).toMatchObject({ events: 1 });
  expect((await call(TRACES)).status).toBe(401);
});

test('metrics are accepted with a warning', async () => {
  const { status, json } = await send('/v1/metrics', 'metrics', { resourceMetrics: [] });
  expect([status, json.partialSuccess.errorMessage]).toEqual([200, expect.stringContaining('not counted')]);
});

test('the exporter of OpenTelemetry sends calls that count', async () => {
  const token = await tokenOf(['ingest'], ['exporter']);
  const exporter = new OTLPTraceExporter({
    url: `${service.origin}${TRACES}`,
    headers: { authorization: `Bearer ${token}` },
    compression: 'gzip' as never,
  });
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  const tracer = provider.getTracer('shop', '1.0');
  tracer
    .startSpan('chat gpt-4o', {
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 70,
        'gen_ai.usage.output_tokens': 9,
      },
    })
    .end();
  await provider.shutdown();
  expect(await stored('exporter')).toMatchObject({ events: 1, input: 70, output: 9 });
});

describe('LiteLLM', () => {
  const sample = () => {
    const move = Date.now() / 1_000 - 3_600 - 1_784_019_700;
    return JSON.parse(sampleText('06-litellm-generic-api'), (key, value) =>
      /^(startTime|endTime)$/.test(key) ? value + move : value,
    );
  };
  const expected = {
    events: 3,
    input: 5000,
    cached: 3000,
    written: 800,
    output: 200,
    throttled: 1,
    timeout: 0,
  };

  test('sends calls as an array and as lines, each counted once', async () => {
    const list = sample();
    const first = await send('/ingest/litellm', 'litellm', list);
    expect(first).toMatchObject({ status: 200, json: { received: 3, stored: 3, rejected: 0, skipped: 2 } });
    expect(await stored('litellm')).toEqual(expected);
    const lines = list.map((entry: unknown) => JSON.stringify(entry)).join('\n');
    const again = await send('/ingest/litellm', 'litellm', lines);
    expect(again.json).toMatchObject({ stored: 0, duplicates: 3, skipped: 2 });
    const single = await send('/ingest/litellm', 'litellm', list[0]);
    expect(single.json).toMatchObject({ received: 1, duplicates: 1, skipped: 0 });
    const { rows } = await service.database.pool.query(
      "select cost::text, value::int, time_to_first_token from analytics.events where org_id = 'litellm' and output_tokens = 200",
    );
    expect(rows).toMatchObject([{ cost: '10500000', value: 3_250_000 }]);
  });

  test('is told which calls were refused, by their places', async () => {
    const [call] = sample();
    const answer = await send('/ingest/litellm', 'refused', [null, { ...call, prompt_tokens: -1 }, 7, call]);
    expect(answer).toMatchObject({ status: 200, json: { stored: 1, rejected: 2, skipped: 1 } });
    expect(answer.json.errors.map(({ index }: { index: number }) => index).sort()).toEqual([1, 2]);
  });
});
