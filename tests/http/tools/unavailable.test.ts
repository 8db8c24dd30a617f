/** While the database is away, each tool is told to send again, in its own way, and what it sends again counts once. */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, useDatabase } from '../../support/database/database.ts';
import { openProxy, type TcpProxy } from '../../support/servers/tcp-proxy.ts';
import { type Answer, tokenOf, useService } from '../../support/service/service.ts';
import { logsRequest } from './agent-logs.ts';
import { asProtobuf, otlpSample, sampleText } from './otlp-samples.ts';

const direct = useDatabase();
let proxy: TcpProxy;
beforeAll(async () => {
  proxy = await openProxy(direct.url, 5432);
});
afterAll(() => proxy.close());
const database: TestDatabase = {
  get url() {
    return proxy.url;
  },
  get pool() {
    return direct.pool;
  },
};
const service = useService({}, database);

const JSON_TYPE = 'application/json';
const PROTOBUF = 'application/x-protobuf';
const traces = otlpSample('01-otlp-semconv-openai');
const call = {
  attributes: {
    ...{ 'event.name': 'api_request', model: 'claude-sonnet-4-5', input_tokens: 10, output_tokens: 2 },
    ...{ request_id: 'req_0123456789abcdefghijkl', duration_ms: 100 },
  },
  body: 'claude_code.api_request',
  at: Date.now(),
};
const cloudEvent = {
  ...{ specversion: '1.0', id: '1', source: '/shop', type: 'usage', time: new Date().toISOString() },
  data: { orgId: 'cloudevents', modelId: 'gpt-4o', status: 'success' },
};

/** As gRPC names it: https://grpc.io/docs/guides/status-codes/ */
const UNAVAILABLE = 14;

function status({ json }: Answer): void {
  expect(json).toMatchObject({ code: UNAVAILABLE });
}

function problem({ json }: Answer): void {
  expect(json).toMatchObject({ code: 'unavailable', status: 503 });
}

interface Sending {
  name: string;
  path: string;
  body: unknown;
  type?: string;
  events: number;
  told: (answer: Answer) => void;
}
const sendings: Sending[] = [
  { name: 'OTLP traces', path: '/v1/traces', body: traces, events: 1, told: status },
  {
    ...{
      name: 'OTLP traces as protobuf',
      path: '/v1/traces',
      body: asProtobuf(traces),
      type: PROTOBUF,
      events: 1,
    },
    told: ({ headers }) => expect(headers.get('content-type')).toBe(PROTOBUF),
  },
  {
    name: 'OTLP logs',
    path: '/v1/logs',
    body: logsRequest('com.anthropic.claude_code.events', [call]),
    events: 1,
    told: status,
  },
  {
    ...{
      name: 'Langfuse',
      path: '/api/public/otel/v1/traces',
      body: otlpSample('08-langfuse-otel'),
      events: 1,
    },
    told: status,
  },
  {
    ...{
      name: 'LiteLLM',
      path: '/ingest/litellm',
      body: JSON.parse(sampleText('06-litellm-generic-api')),
      events: 3,
    },
    told: problem,
  },
  {
    ...{ name: 'CloudEvents', path: '/analytics/v1/events', body: cloudEvent, events: 1 },
    ...{ type: 'application/cloudevents+json', told: problem },
  },
];

test.each(sendings)('$name', async ({ name, path, body, type = JSON_TYPE, events, told }) => {
  const org = name.replaceAll(' ', '-').toLowerCase();
  const token = await tokenOf(['ingest'], [org]);
  const send = () => service.call(path, { method: 'POST', token, body, headers: { 'content-type': type } });
  const stored = async () => {
    const text = 'select count(*)::int as events from analytics.events where org_id = $1';
    return (await direct.pool.query(text, [org])).rows[0].events;
  };
  proxy.refuse(true);
  proxy.cut();
  const refused = await send();
  proxy.refuse(false);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  told(refused);
  expect(await stored()).toBe(0);
  await expect.poll(async () => (await send()).status, { timeout: 30_000 }).toBe(200);
  expect((await send()).status).toBe(200);
  expect(await stored()).toBe(events);
});

test('a status as protobuf has the code and says what happened', async () => {
  proxy.refuse(true);
  proxy.cut();
  const token = await tokenOf(['ingest'], ['acme']);
  const headers = { authorization: `Bearer ${token}`, 'content-type': PROTOBUF };
  const answer = await fetch(`${service.origin}/v1/traces`, {
    method: 'POST',
    headers,
    body: asProtobuf(traces),
  });
  proxy.refuse(false);
  const reader = new BinaryReader(new Uint8Array(await answer.arrayBuffer()));
  reader.tag();
  expect(reader.int32()).toBe(UNAVAILABLE);
  reader.tag();
  expect(reader.string()).toMatch(/^the database cannot be reached now/);
});
