import type { JsonObject } from '../../../events/json-object.ts';
import { formatTimestamp, parseTimestamp } from '../../../events/timestamp.ts';
import { failureOf } from '../../call-failure.ts';
import type { AttributeValue } from '../span.ts';
import { numberOf, type Tokens, wholeNanos } from '../tokens.ts';
import type { LogRecord } from './log-record.ts';

/** How a coding agent logs its calls. */
interface Agent {
  /** Who runs the models of that vendor under their plain names. */
  provider: string;
  plainModel: RegExp;
  tokensOf(count: (name: string) => number | undefined): { [K in keyof Tokens]: number | undefined };
}

/** Input tokens are without those of caches. */
const claudeCode: Agent = {
  provider: 'anthropic',
  plainModel: /^claude-[\w.-]+$/,
  tokensOf: (count) => {
    const input = count('input_tokens');
    const read = count('cache_read_tokens');
    const written = count('cache_creation_tokens');
    return {
      inputTokens: input === undefined ? undefined : input + (read ?? 0) + (written ?? 0),
      outputTokens: count('output_tokens'),
      cachedInputTokens: read,
      cacheWriteInputTokens: written,
    };
  },
};

/** Output tokens are without thoughts, and input tokens without what tools have answered, as in the API of Gemini. */
const gemini: Agent = {
  provider: 'google',
  plainModel: /^gem[\w.-]+$/,
  tokensOf: (count) => {
    const input = count('input_token_count');
    const output = count('output_token_count');
    const thoughts = count('thoughts_token_count');
    return {
      inputTokens: input === undefined ? undefined : input + (count('tool_token_count') ?? 0),
      outputTokens: output === undefined ? undefined : output + (thoughts ?? 0),
      cachedInputTokens: count('cached_content_token_count'),
      reasoningTokens: thoughts,
    };
  },
};

/** Input contains what came from a cache, and output the reasoning. `tool_token_count` is their sum. */
const codex: Agent = {
  provider: 'openai',
  plainModel: /^(gpt|o\d|codex)[\w.-]*$/,
  tokensOf: (count) => ({
    inputTokens: count('input_token_count'),
    outputTokens: count('output_token_count'),
    cachedInputTokens: count('cached_token_count'),
    reasoningTokens: count('reasoning_token_count'),
  }),
};

/** The records that are calls, by the name and kind of their event. */
const calls: Readonly<Record<string, { agent: Agent; isFailed: boolean }>> = {
  'claude_code.api_request': { agent: claudeCode, isFailed: false },
  'claude_code.api_error': { agent: claudeCode, isFailed: true },
  'gemini_cli.api_response': { agent: gemini, isFailed: false },
  'gemini_cli.api_error': { agent: gemini, isFailed: true },
  'codex.sse_event response.completed': { agent: codex, isFailed: false },
  'codex.sse_event response.failed': { agent: codex, isFailed: true },
};

/**
 * The event of usage for a call that a coding agent has logged; `undefined` for any other record, and a text if the call
 * cannot be an event. It is checked later, like any other event.
 */
export function agentEventOf(
  record: LogRecord,
  orgId: string,
  { byAnswer = true } = {},
): JsonObject | string | undefined {
  const { name, attributes, resource, scope } = record;
  const kind = attributes.get('event.kind');
  const call = calls[kind === undefined ? name : `${name} ${kind}`];
  if (!call) return undefined;
  const { agent, isFailed } = call;
  const text = (name: string) => textOf(attributes.get(name));
  const model = text('model');
  if (model === undefined) return 'model is required';
  const end = record.time || (parseTimestamp(text('event.timestamp') ?? '') ?? 0);
  if (end === 0) return 'timeUnixNano is required';
  const count = (name: string) => numberOf(attributes.get(name));
  const latency = count('duration_ms');
  const session = text('session.id') ?? text('conversation.id');
  const optional = {
    provider: agent.plainModel.test(model) ? agent.provider : undefined,
    clientId: textOf(resource.get('service.name')),
    latencyMs: latency,
    timeToFirstTokenMs: count('ttft_ms'),
    ...(!isFailed && { costUsd: wholeNanos(count('cost_usd')), ...agent.tokensOf(count) }),
    ...statusOf(record, isFailed),
    metadata: {
      ...(scope.name !== '' && { scope: `${scope.name}@${scope.version}`.slice(0, 200) }),
      ...(session !== undefined && { sessionId: session.slice(0, 200) }),
    },
  };
  return {
    type: 'usage',
    orgId,
    eventId: (byAnswer && answerIdOf(record)) || reportIdOf(record, session, end),
    // An agent logs a call when it has ended.
    occurredAt: formatTimestamp(end - Math.round(Math.max(0, Math.min(latency ?? 0, 86_400_000)) * 1_000)),
    modelId: model,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

function answerIdOf({ attributes }: LogRecord): string | undefined {
  const id = textOf(attributes.get('response_id'));
  return id !== undefined && id.length >= 20 ? `llm:${id}`.slice(0, 200) : undefined;
}

/** The id of the request, else the place of the record in its session. */
function reportIdOf({ attributes, name }: LogRecord, session: string | undefined, end: number): string {
  const agent = name.split('.', 1)[0];
  const request = textOf(attributes.get('request_id'));
  if (request !== undefined) return `${agent}:${request}`.slice(0, 200);
  const place = [session, end, attributes.get('event.sequence'), attributes.get('prompt_id')];
  return [agent, ...place.map((part) => part ?? ''), attributes.get('duration_ms') ?? '']
    .join(':')
    .slice(0, 200);
}

function statusOf({ attributes }: LogRecord, isFailed: boolean): { status: string; errorCode?: string } {
  const given = attributes.get('status_code') ?? attributes.get('http.response.status_code');
  const http = numberOf(given);
  if (!isFailed && !(http !== undefined && http >= 400)) return { status: 'success' };
  const kind = textOf(attributes.get('error_type') ?? attributes.get('error.type'));
  const code = http === undefined ? (textOf(given) ?? kind) : String(http);
  return { status: failureOf(http, kind ?? code), ...(code !== undefined && { errorCode: code }) };
}

function textOf(value: AttributeValue | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : String(value);
}
