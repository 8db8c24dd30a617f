import { type CallLog, type LoggedCall, noCall, usageEvent } from './call-log.ts';
import type { LogRow } from './log-row.ts';

/** As for spans: a shorter id may not be unique. */
const SHORTEST_UNIQUE_ID = 20;

/**
 * Calls of OpenRouter. The export of activity is CSV: `generation_id`, `created_at` (UTC), `cost_total` (dollars),
 * `byok_usage_inference`, `tokens_prompt`, `tokens_completion`, `tokens_reasoning`, `tokens_cached`, `model_permaslug`,
 * `provider_name`, `cancelled`, `finish_reason_normalized`, `generation_time_ms`, `time_to_first_token_ms`, `api_key_name`,
 * `app_name`. The answers of `GET /api/v1/generation` are JSON: `data.id`, `data.total_cost`, `data.native_tokens_prompt`
 * and others. Reasoning is within the completion. The rows of `GET /api/v1/activity` are sums of a day, so no calls.
 *
 * Sources: the API reference of OpenRouter, "Get request & usage metadata for a generation" (openrouter.ai/docs/api-reference)
 * and its guide of the activity export; CodexClawd/codexclawd, skills/openrouter-analyzer/scripts/analyze.py, which reads
 * the CSV, for its columns.
 */
export const openrouter: CallLog = { rows: 'json or csv', read };

function read(row: LogRow, orgId: string): LoggedCall {
  const id = row.text('generation_id', 'data.id', 'id');
  if (row.value('requests') !== undefined && id === undefined)
    return noCall(row.text('date'), 'it is the sum of a day, not a call');
  const finish = row.text('finish_reason_normalized', 'data.finish_reason', 'finish_reason');
  const isFailed = finish === 'error';
  return usageEvent({
    orgId,
    eventId: eventIdOf(row, id),
    occurredAt: row.time('created_at', 'data.created_at'),
    modelId: row.requiredText('model_permaslug', 'data.model', 'model'),
    provider: row.text('provider_name', 'data.provider_name')?.toLowerCase(),
    clientId: row.text('app_name', 'data.origin', 'origin'),
    latencyMs: row.milliseconds('generation_time_ms', 'data.generation_time', 'generation_time'),
    timeToFirstTokenMs: row.milliseconds('time_to_first_token_ms', 'data.latency', 'latency'),
    serviceTier: row.text('data.service_tier', 'service_tier'),
    status: isFailed ? 'error' : 'success',
    ...(isFailed && { errorCode: row.text('finish_reason_raw', 'data.native_finish_reason') ?? finish }),
    inputTokens: row.count(
      'native_tokens_prompt',
      'data.native_tokens_prompt',
      'tokens_prompt',
      'data.tokens_prompt',
    ),
    outputTokens: row.count(
      ...['native_tokens_completion', 'data.native_tokens_completion'],
      ...['tokens_completion', 'data.tokens_completion'],
    ),
    cachedInputTokens: row.count('native_tokens_cached', 'data.native_tokens_cached', 'tokens_cached'),
    reasoningTokens: row.count('native_tokens_reasoning', 'data.native_tokens_reasoning', 'tokens_reasoning'),
    costUsd: costOf(row),
    labels: row.labels('', { apiKey: row.text('api_key_name') }),
    metadata: { log: 'openrouter', ...(row.isTrue('cancelled', 'data.cancelled') && { cancelled: 'true' }) },
  });
}

/** Applications report the same id for the answer, so a call that they report too counts once. */
function eventIdOf(row: LogRow, id: string | undefined): string {
  const known = id ?? row.requiredText('generation_id', 'data.id', 'id');
  return known.length >= SHORTEST_UNIQUE_ID ? `llm:${known}` : `openrouter:${known}`;
}

/** What OpenRouter charges, and what the provider charges for a key of one's own. */
function costOf(row: LogRow): number | undefined {
  const path = ['cost_total', 'data.total_cost', 'total_cost'].find((name) => row.value(name) !== undefined);
  if (path === undefined) return undefined;
  const charged = row.dollars(path);
  const isOwnKey = row.isTrue('is_byok', 'data.is_byok');
  const upstream = row.dollars('byok_usage_inference') ?? (isOwnKey ? upstreamOf(row) : 0);
  return charged === undefined ? undefined : Math.round((charged + (upstream ?? 0)) * 1e9) / 1e9;
}

function upstreamOf(row: LogRow): number | undefined {
  return row.dollars('data.upstream_inference_cost') ?? row.dollars('upstream_inference_cost');
}
