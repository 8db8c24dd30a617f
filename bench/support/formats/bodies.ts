import { randomUUID } from 'node:crypto';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Calls of one request in each format, with prompts where the format carries them. */
export type Format = 'JSON' | 'JSON, labels' | 'NDJSON' | 'OTLP/JSON' | 'OTLP/protobuf' | 'LiteLLM';

interface Call {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  input: number;
}

/** About as long as makes a span of 2 kB. */
const PROMPT = 'Summarise the following paragraph in one sentence. '.repeat(26);
const MODELS = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-pro'];

function modelOf({ input }: Call): string {
  return MODELS[input % MODELS.length] ?? '';
}

function newCalls(count: number): Call[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ id: randomUUID().replaceAll('-', ''), at: Date.now() - 5_000, input: 100 + index },
  }));
}

function plainEvent(call: Call) {
  return {
    ...{ type: 'usage', orgId: 'bench', eventId: call.id, occurredAt: new Date(call.at).toISOString() },
    ...{ modelId: modelOf(call), provider: 'openai', latencyMs: 900, status: 'success' },
    ...{ inputTokens: call.input, outputTokens: 50 },
  };
}

/** Thirty pairs of team and feature, so thirty times the series where both are dimensions. */
function labelledEvent(call: Call) {
  const labels = { team: `team-${call.input % 5}`, feature: `feature-${call.input % 6}`, env: 'prod' };
  return { ...plainEvent(call), labels };
}

function attributesOf(call: Call): [string, string | number][] {
  return [
    ['gen_ai.operation.name', 'chat'],
    ['gen_ai.provider.name', 'openai'],
    ['gen_ai.request.model', modelOf(call)],
    ['gen_ai.response.model', modelOf(call)],
    ['gen_ai.usage.input_tokens', call.input],
    ['gen_ai.usage.output_tokens', 50],
    ['gen_ai.input.messages', PROMPT],
    ['gen_ai.output.messages', PROMPT.slice(0, 300)],
    ['server.address', 'api.openai.com'],
  ];
}

/** Spans of an application: each call is within a request that is exported later. */
function otlpJson(calls: readonly Call[]) {
  const spans = calls.map((call) => ({
    ...{ traceId: call.id, spanId: call.id.slice(0, 16), parentSpanId: call.id.slice(16) },
    ...{
      name: 'chat',
      kind: 3,
      startTimeUnixNano: `${call.at}000000`,
      endTimeUnixNano: `${call.at + 900}000000`,
    },
    attributes: attributesOf(call).map(([key, value]) => ({
      key,
      value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
    })),
  }));
  return { resourceSpans: [{ scopeSpans: [{ scope: { name: 'bench' }, spans }] }] };
}

function otlpProtobuf(calls: readonly Call[]): Buffer {
  const writer = new BinaryWriter();
  const open = (field: number) => writer.tag(field, WireType.LengthDelimited).fork();
  const text = (field: number, value: string) => writer.tag(field, WireType.LengthDelimited).string(value);
  open(1);
  open(2);
  for (const call of calls) {
    open(2);
    writer.tag(1, WireType.LengthDelimited).bytes(Buffer.from(call.id, 'hex'));
    writer.tag(2, WireType.LengthDelimited).bytes(Buffer.from(call.id.slice(0, 16), 'hex'));
    writer.tag(4, WireType.LengthDelimited).bytes(Buffer.from(call.id.slice(16), 'hex'));
    text(5, 'chat');
    writer.tag(7, WireType.Bit64).fixed64(`${call.at}000000`);
    writer.tag(8, WireType.Bit64).fixed64(`${call.at + 900}000000`);
    for (const [key, value] of attributesOf(call)) {
      open(9);
      text(1, key);
      open(2);
      if (typeof value === 'string') text(1, value);
      else writer.tag(3, WireType.Varint).int64(value);
      writer.join();
      writer.join();
    }
    writer.join();
  }
  writer.join();
  writer.join();
  return Buffer.from(writer.finish());
}

function liteLlm(call: Call) {
  return {
    ...{ id: `chatcmpl-${call.id}`, litellm_call_id: call.id, call_type: 'acompletion', status: 'success' },
    ...{ model: modelOf(call), custom_llm_provider: 'openai', stream: false, response_cost: 0.0001 },
    ...{ startTime: call.at / 1_000, endTime: call.at / 1_000 + 0.9, prompt_tokens: call.input },
    ...{ completion_tokens: 50, metadata: { user_api_key_alias: 'bench' }, messages: PROMPT },
  };
}

interface FormatOfBodies {
  path: string;
  type: string;
  bodyOf(calls: readonly Call[]): Buffer;
}

const json = 'application/json';
const events = '/analytics/v1/events';
export const formats: Readonly<Record<Format, FormatOfBodies>> = {
  JSON: { path: events, type: json, bodyOf: (calls) => Buffer.from(JSON.stringify(calls.map(plainEvent))) },
  'JSON, labels': {
    path: events,
    type: json,
    bodyOf: (calls) => Buffer.from(JSON.stringify(calls.map(labelledEvent))),
  },
  NDJSON: {
    path: events,
    type: 'application/x-ndjson',
    bodyOf: (calls) => Buffer.from(calls.map((call) => JSON.stringify(plainEvent(call))).join('\n')),
  },
  'OTLP/JSON': {
    path: '/v1/traces',
    type: json,
    bodyOf: (calls) => Buffer.from(JSON.stringify(otlpJson(calls))),
  },
  'OTLP/protobuf': { path: '/v1/traces', type: 'application/x-protobuf', bodyOf: otlpProtobuf },
  LiteLLM: {
    path: '/ingest/litellm',
    type: json,
    bodyOf: (calls) => Buffer.from(JSON.stringify(calls.map(liteLlm))),
  },
};

/** Bodies of new calls, made before the clock starts. */
export function makeBodies(format: Format, requests: number, perRequest: number): Buffer[] {
  return Array.from({ length: requests }, () => formats[format].bodyOf(newCalls(perRequest)));
}
