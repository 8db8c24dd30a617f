import { failureOf } from '../call-failure.ts';
import { type CallLog, fromCache, type LoggedCall, noCall, usageEvent, withCaches } from './call-log.ts';
import type { LogRow } from './log-row.ts';

/** The id of nothing. */
const NO_ID = '00000000-0000-0000-0000-000000000000';
/** Models under which Helicone keeps steps of other kinds. */
const NO_MODEL = /^(tool|vector_?db|data)(:|$)/i;

/**
 * The export of Helicone, JSONL and CSV: `response_id`, `request_id`, `request_created_at`, `response_status`, `model`,
 * `request_model`, `provider`, `prompt_tokens`, `completion_tokens`, `prompt_cache_read_tokens`, `prompt_cache_write_tokens`,
 * `delay_ms`, `time_to_first_token` (ms), `cost` (dollars), `request_user_id`, `request_properties`, `cache_reference_id`.
 * CSV has no request id, no provider and no latency. The tokens of caches are apart from `prompt_tokens`.
 *
 * Sources: Helicone/helicone, examples/export/typescript/index.ts (the columns), packages/llm-mapper/types.ts
 * (`HeliconeRequest`), packages/llm-mapper/utils/getMappedContent.ts (status 0 is pending),
 * valhalla/jawn/src/lib/stores/request/request.ts (`latency as delay_ms`, `cost / COST_PRECISION_MULTIPLIER`).
 */
export const helicone: CallLog = { rows: 'json or csv', read };

function read(row: LogRow, orgId: string): LoggedCall {
  // Both exports have the id of the response, so a call that is in both counts once.
  const id = [row.text('response_id'), row.text('request_id')].find(
    (text) => text !== undefined && text !== NO_ID,
  );
  const model = row.text('model', 'response_model', 'request_model');
  const http = row.number('response_status');
  const why = whyNoCall(model, http);
  if (why !== undefined) return noCall(id, why);
  const isSuccess = http === undefined || (http >= 200 && http < 400);
  const cacheId = row.text('cache_reference_id');
  const isCached = cacheId !== undefined && cacheId !== NO_ID;
  return usageEvent({
    orgId,
    eventId: id === undefined ? undefined : `helicone:${id}`,
    occurredAt: row.time('request_created_at'),
    modelId: model,
    provider: providerOf(row),
    clientId: row.text('request_user_id'),
    latencyMs: row.milliseconds('delay_ms'),
    timeToFirstTokenMs: row.milliseconds('time_to_first_token') || undefined,
    ...(isSuccess ? { status: 'success' } : { status: failureOf(http, undefined), errorCode: String(http) }),
    ...(isCached ? fromCache : usageOf(row, isSuccess)),
    labels: row.labels('request_properties'),
    metadata: { log: 'helicone' },
  });
}

function whyNoCall(model: string | undefined, http: number | undefined): string | undefined {
  if (model === undefined) return 'it names no model';
  if (NO_MODEL.test(model)) return `its model is ${model.slice(0, 50)}`;
  return http === 0 ? 'it has no response yet' : undefined;
}

/** A failure has zeros, which mean unknown. A cost of zero says that Helicone knows no price. */
function usageOf(row: LogRow, isSuccess: boolean) {
  const cost = row.dollars('cost') || row.dollars('costUSD') || undefined;
  const input = row.count('prompt_tokens');
  const output = row.count('completion_tokens');
  if (!isSuccess && !input && !output) return { costUsd: cost };
  const cachedInputTokens = row.count('prompt_cache_read_tokens');
  const cacheWriteInputTokens = row.count('prompt_cache_write_tokens');
  return {
    inputTokens: withCaches(input, cachedInputTokens, cacheWriteInputTokens),
    outputTokens: output,
    cachedInputTokens,
    cacheWriteInputTokens,
    costUsd: cost,
  };
}

function providerOf(row: LogRow): string | undefined {
  const provider = row.text('provider');
  return provider === undefined || provider === 'CUSTOM' ? undefined : provider.toLowerCase();
}
