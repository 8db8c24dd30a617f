import { failureOf } from '../call-failure.ts';
import { type CallLog, fromCache, type LoggedCall, noCall, usageEvent } from './call-log.ts';
import type { LogRow } from './log-row.ts';

const CENTS = 100;
/** Requests that read or manage something at the provider. */
const NO_CALL =
  /\/v1\/(models|files|batches|fine_tuning|assistants|threads|vector_stores|feedback|prompts\/[^/]+\/render)\b/;

/**
 * The export of logs of Portkey, JSONL. A row has `created_at`, `is_success`, `ai_org`, `ai_model`, `req_units`, `res_units`,
 * `cost` (cents) and `cost_currency`. It also has `request_url`, `request_method`, `response_status_code`, `response_time` (ms),
 * `cache_status`, `virtual_key` and `metadata`; it has `id` if that was asked for. Of a response body only its usage is read.
 *
 * Source: Portkey-AI/docs-core, product/observability/logs-export.mdx, "Exported Data".
 */
export const portkey: CallLog = { rows: 'json', read };

function read(row: LogRow, orgId: string): LoggedCall {
  const id = row.text('id');
  const why = whyNoCall(row);
  if (why !== undefined) return noCall(id ?? row.text('trace_id'), why);
  const currency = row.text('cost_currency');
  if (currency !== undefined && currency.toUpperCase() !== 'USD')
    row.faults.push(`cost_currency must be USD, and is ${JSON.stringify(currency.slice(0, 10))}`);
  const http = row.number('response_status_code');
  const isSuccess =
    row.value('is_success') === undefined ? http === undefined || http < 400 : row.isTrue('is_success');
  const isCached = /^(semantic )?hit$/i.test(row.text('cache_status') ?? '');
  return usageEvent({
    orgId,
    // Without an id, the content identifies the row.
    eventId: id === undefined ? undefined : `portkey:${id}`,
    occurredAt: row.time('created_at'),
    modelId: row.requiredText('ai_model'),
    provider: row.text('ai_org'),
    clientId: row.text('virtual_key'),
    latencyMs: row.milliseconds('response_time'),
    ...(isSuccess ? { status: 'success' } : failed(http)),
    ...(isCached ? fromCache : { ...tokensOf(row, isSuccess), costUsd: row.dollars('cost', CENTS) }),
    labels: labelsOf(row),
    metadata: metadataOf(row),
  });
}

function whyNoCall(row: LogRow): string | undefined {
  const method = row.text('request_method')?.toUpperCase();
  if (method !== undefined && method !== 'POST') return `its request_method is ${method.slice(0, 20)}`;
  const [, what] = NO_CALL.exec(row.text('request_url') ?? '') ?? [];
  if (what !== undefined) return `its request_url is of ${what.split('/')[0]}`;
  return row.value('ai_model') === undefined ? 'it names no model' : undefined;
}

function failed(http: number | undefined) {
  return { status: failureOf(http, undefined), ...(http !== undefined && { errorCode: String(http) }) };
}

/** A failure has zeros, which mean unknown. */
function tokensOf(row: LogRow, isSuccess: boolean) {
  const input = row.count('req_units');
  const output = row.count('res_units');
  if (!isSuccess && !input && !output) return {};
  const usage = 'response.body.usage';
  const read = row.count(`${usage}.prompt_tokens_details.cached_tokens`, `${usage}.cache_read_input_tokens`);
  const written = row.count(`${usage}.cache_creation_input_tokens`);
  const cached = (read ?? 0) + (written ?? 0);
  return {
    // Anthropic's own usage leaves caches out.
    inputTokens: input !== undefined && cached > input ? input + cached : input,
    outputTokens: output,
    cachedInputTokens: read,
    cacheWriteInputTokens: written,
    reasoningTokens: row.count(`${usage}.completion_tokens_details.reasoning_tokens`),
  };
}

/** Metadata comes as an object, or as two lists of the same length. */
function labelsOf(row: LogRow) {
  const [keys, values] = [row.value('metadata.key'), row.value('metadata.value')];
  if (!Array.isArray(keys) || !Array.isArray(values)) return row.labels('metadata');
  return row.labels('', Object.fromEntries(keys.map((key, index) => [String(key), values[index]])));
}

function metadataOf(row: LogRow) {
  const trace = row.text('trace_id')?.slice(0, 200);
  return { log: 'portkey', ...(trace !== undefined && { traceId: trace }) };
}
