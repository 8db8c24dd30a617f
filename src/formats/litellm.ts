import { isObject, type JsonObject } from '../events/json-object.ts';
import { labelKeyPattern, labelsOfTool } from '../events/labels.ts';
import { formatTimestamp } from '../events/timestamp.ts';
import { failureOf } from './call-failure.ts';
import { refuseTooMany, type UnreadableEvent } from './decoded-events.ts';
import { refuseTooMuchJson } from './json-size.ts';
import { decodeNdjson } from './ndjson.ts';
import { numberOf, wholeNanos, within } from './otlp/tokens.ts';
import { parseJsonBody } from './parse-json.ts';
import type { SkippedRecord } from './skipped-record.ts';

/** What a body of LiteLLM holds. */
export interface LiteLlmCalls {
  calls: LiteLlmCall[];
  /** Entries that are empty, or only read, list or delete something. */
  skipped: SkippedRecord[];
}

/** The payload of a call as parsed, or why it cannot be read, with its place in the body. */
export type LiteLlmCall = { index: number } & ({ payload: unknown } | { fault: string });

/**
 * Call types that use no model: they read, list, create or delete something. The names are those of `CallTypes` in
 * litellm/types/utils.py; those with a leading `a` are asynchronous.
 */
const NO_CALL = new RegExp(
  `^a?(${[
    '(get|list|delete|cancel|retrieve|upload)_.*',
    'create_(file|batch|assistants|thread|fine_tuning_job|container|skill)',
    '_?add_message',
    'file_.*',
    'vector_store_.*',
    'video_(retrieve|content|list|delete|get_).*',
    'search',
    'call_mcp_tool',
  ].join('|')})$`,
);
const TAG_WITH_VALUE = new RegExp(`^(${labelKeyPattern})[:=]\\s*(.*\\S)\\s*$`);
const FIRST_BRACE = 0x7b;

/**
 * Reads a body of the callback `generic_api`: an array, which may hold null, lines of JSON, or one object. The content
 * type is application/json for all of them, so the bytes decide.
 */
export function readLiteLlm(body: Buffer): LiteLlmCalls {
  const first = body.find((byte) => byte > 0x20);
  let list: readonly unknown[];
  let unreadable: ReadonlyMap<number, UnreadableEvent> = new Map();
  const isLines = first === FIRST_BRACE;
  if (isLines) ({ events: list, unreadable } = decodeNdjson(body));
  else {
    refuseTooMuchJson(body, { isList: true });
    const parsed = parseJsonBody(body);
    list = Array.isArray(parsed) ? parsed : [parsed];
    refuseTooMany(list.length);
  }
  const skipped: SkippedRecord[] = [];
  const calls = list.flatMap((payload, index): LiteLlmCall[] => {
    const fault = unreadable.get(index)?.message;
    if (fault !== undefined) return [{ index, fault }];
    const reason = whyNoLiteLlmCall(payload);
    if (reason === undefined) return [{ index, payload }];
    skipped.push({ id: idOf(payload) ?? null, reason });
    return [];
  });
  return { calls, skipped };
}

/** Why a payload is no call to a model; `undefined` if it is one. */
export function whyNoLiteLlmCall(payload: unknown): string | undefined {
  if (payload === null) return 'it is null';
  const type = isObject(payload) ? textOf(payload.call_type) : undefined;
  return type !== undefined && NO_CALL.test(type) ? `its call_type is ${type.slice(0, 50)}` : undefined;
}

function idOf(payload: unknown): string | undefined {
  return isObject(payload) ? (textOf(payload.id) ?? textOf(payload.litellm_call_id)) : undefined;
}

/** The event of usage for a payload of LiteLLM, or why there is none. It is checked later, like any other event. */
export function liteLlmEvent(payload: unknown, orgId: string, { byAnswer = true } = {}): JsonObject | string {
  if (!isObject(payload)) return 'must be an object';
  const id = idOf(payload);
  if (id === undefined) return 'id is required';
  const start = numberOf(payload.startTime);
  if (start === undefined || !(start > 0 && start < 1e11)) return 'startTime must be seconds since the epoch';
  const end = numberOf(payload.endTime);
  const latency = end !== undefined && end >= start ? milliseconds(end - start) : undefined;
  const firstToken = numberOf(payload.response_time);
  const metadata = isObject(payload.metadata) ? payload.metadata : {};
  const isFromCache = payload.cache_hit === true;
  const optional = {
    provider: textOf(payload.custom_llm_provider),
    clientId: textOf(metadata.user_api_key_alias),
    latencyMs: latency,
    timeToFirstTokenMs:
      payload.stream === true && firstToken !== undefined ? milliseconds(firstToken) : undefined,
    // The gateway's own cache answered: nobody charged anything.
    ...(isFromCache ? { inputTokens: 0, outputTokens: 0, costUsd: 0 } : usageOf(payload, metadata)),
    ...statusOf(payload),
    labels: labelsOf(payload, metadata),
    metadata: descriptionOf(payload, metadata),
  };
  return {
    type: 'usage',
    orgId,
    eventId: (byAnswer ? `llm:${id}` : `litellm:${textOf(payload.litellm_call_id) ?? id}`).slice(0, 200),
    occurredAt: formatTimestamp(Math.round(start * 1e6)),
    modelId: payload.model,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

function usageOf(payload: JsonObject, metadata: JsonObject) {
  const isFailed = payload.status === 'failure';
  const usage = isObject(metadata.usage_object) ? metadata.usage_object : {};
  const prompt = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const answer = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {};
  const writes = isObject(prompt.cache_creation_token_details) ? prompt.cache_creation_token_details : {};
  // A failure has zeros, which mean unknown.
  const known = (value: unknown) => {
    const number = numberOf(value);
    return isFailed && number === 0 ? undefined : number;
  };
  const written = known(usage.cache_creation_input_tokens) ?? known(prompt.cache_creation_tokens);
  return {
    inputTokens: known(payload.prompt_tokens),
    outputTokens: known(payload.completion_tokens),
    cachedInputTokens: known(usage.cache_read_input_tokens) ?? known(prompt.cached_tokens),
    cacheWriteInputTokens: written,
    cacheWriteHourInputTokens: within(known(writes.ephemeral_1h_input_tokens), written),
    images: known(prompt.image_count) || undefined,
    reasoningTokens: known(answer.reasoning_tokens),
    costUsd: wholeNanos(known(payload.response_cost)),
  };
}

function statusOf({ status, error_information: information }: JsonObject) {
  if (status === 'success') return { status };
  const error = isObject(information) ? information : {};
  const code = textOf(error.error_code) ?? numberOf(error.error_code)?.toString();
  const kind = textOf(error.error_class);
  const errorCode = code ?? kind;
  return { status: failureOf(numberOf(code), kind), ...(errorCode !== undefined && { errorCode }) };
}

/** Names that say who called and why; never prompts. */
function descriptionOf(payload: JsonObject, metadata: JsonObject): JsonObject | undefined {
  const named = {
    modelGroup: textOf(payload.model_group),
    team: textOf(metadata.user_api_key_team_alias),
    endUser: textOf(metadata.user_api_key_end_user_id),
    tags: Array.isArray(payload.request_tags)
      ? textOf(payload.request_tags.filter((tag) => typeof tag === 'string').join(','))
      : undefined,
  };
  const entries = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value.slice(0, 500)]],
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** A tag such as `env:prod` is a label of its own; the others are one label together. */
function labelsOf(payload: JsonObject, metadata: JsonObject): Record<string, string> | undefined {
  const tags = Array.isArray(payload.request_tags)
    ? payload.request_tags.filter((tag): tag is string => typeof tag === 'string')
    : [];
  const pairs = tags.map((tag) => TAG_WITH_VALUE.exec(tag));
  const plain = tags.filter((_, index) => pairs[index] === null).sort();
  return labelsOfTool([
    ['team', textOf(metadata.user_api_key_team_alias)],
    ['model_group', textOf(payload.model_group)],
    ['end_user', textOf(metadata.user_api_key_end_user_id)],
    ['tags', textOf(plain.join(','))],
    ...pairs.flatMap((pair): [string, string][] => (pair ? [[pair[1] ?? '', pair[2] ?? '']] : [])),
  ]);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Seconds as milliseconds, to whole microseconds: the senders' seconds are floating point numbers. */
function milliseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
}
