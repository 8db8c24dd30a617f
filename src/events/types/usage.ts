import type { EventType, Row } from '../event-type.ts';
import { choice, costInCents, costInDollars, integer, milliseconds, text } from '../field.ts';
import { labels } from '../labels.ts';

/** Many providers report cached tokens apart from input tokens. Costs and shares need them to be part of it. */
function checkTokens(row: Row) {
  const { input_tokens: input, cached_input_tokens: read = 0, cache_write_tokens: written = 0 } = row;
  const cached = Number(read) + Number(written);
  if (cached > Number(input ?? 0)) {
    const [field, names] =
      written === 0
        ? ['cachedInputTokens', 'the cached tokens, so add them to it']
        : ['cacheWriteInputTokens', 'the tokens that a cache gave and took, so add both to it'];
    const sum = written === 0 ? 'must' : 'and cachedInputTokens together must';
    const message = `${sum} not be more than inputTokens, which is ${input ?? 'unknown'}: inputTokens contains ${names}`;
    return { field, message };
  }
  const { cache_write_hour_tokens: writtenForAnHour = 0 } = row;
  if (Number(writtenForAnHour) > Number(written)) {
    const message = `must not be more than cacheWriteInputTokens, which is ${written}: cacheWriteInputTokens contains the tokens that are kept for an hour, so add them to it`;
    return { field: 'cacheWriteHourInputTokens', message };
  }
  const { output_tokens: output, reasoning_tokens: reasoning = 0 } = row;
  if (Number(reasoning) <= Number(output ?? 0)) return undefined;
  const message = `must not be more than outputTokens, which is ${output ?? 'unknown'}: outputTokens contains the reasoning tokens, so add them to it`;
  return { field: 'reasoningTokens', message };
}

/** Providers charge nothing for a call that failed without any usage. Whoever knows better sends the cost. */
function settleFailures(row: Row): void {
  const hasUsage = row.input_tokens !== undefined || row.output_tokens !== undefined;
  if (row.status !== 'success' && !hasUsage) row.cost ??= 0;
}

export const usage: EventType = {
  type: 'usage',
  title: 'LLM inference',
  about: 'One request to a model, with its latency, status, tokens and cost.',
  metricPrefix: 'usage',
  value: { name: 'latency', kind: 'duration' },
  failures: ['error', 'timeout', 'throttled'],
  fields: {
    modelId: text({ column: 'model_id', dimension: true, about: 'The model that answered' }),
    provider: text({
      column: 'provider',
      dimension: true,
      optional: true,
      maxLength: 100,
      lowerCase: true,
      about: 'Who runs the model, such as openai, anthropic or bedrock; kept in lower case',
    }),
    clientId: text({
      column: 'client_id',
      dimension: true,
      optional: true,
      about: 'The application that sent the request',
    }),
    latencyMs: milliseconds({
      column: 'value',
      optional: true,
      about:
        'Time from the request to the last byte; without it, the call is in no average and no percentile',
    }),
    timeToFirstTokenMs: milliseconds({
      column: 'time_to_first_token',
      optional: true,
      about: 'Time from the request to the first token of a stream',
    }),
    status: choice(['success', 'error', 'timeout', 'throttled'], {
      column: 'status',
      dimension: true,
      about: 'How the request ended',
    }),
    errorCode: text({
      column: 'error_code',
      dimension: true,
      optional: true,
      maxLength: 100,
      cut: true,
      about: 'The error code of the provider; longer ones are cut at 100 characters',
    }),
    serviceTier: text({
      column: 'service_tier',
      dimension: true,
      optional: true,
      maxLength: 100,
      lowerCase: true,
      about: 'The tier that the provider charges by, such as batch, flex or priority; kept in lower case',
    }),
    inputTokens: integer({
      column: 'input_tokens',
      optional: true,
      about: 'Tokens of the prompt, with those read from a cache and written to it; leave it out if unknown',
    }),
    outputTokens: integer({
      column: 'output_tokens',
      optional: true,
      about: 'Tokens of the answer, with those of its reasoning; leave it out if unknown',
    }),
    cachedInputTokens: integer({
      column: 'cached_input_tokens',
      optional: true,
      about: 'Prompt tokens that came from a cache; inputTokens includes them',
    }),
    cacheWriteInputTokens: integer({
      column: 'cache_write_tokens',
      optional: true,
      about: 'Prompt tokens that were written to a cache; inputTokens includes them',
    }),
    cacheWriteHourInputTokens: integer({
      column: 'cache_write_hour_tokens',
      optional: true,
      about:
        'Of the tokens written to a cache, those that it keeps for an hour, at a price of their own; cacheWriteInputTokens includes them',
    }),
    reasoningTokens: integer({
      column: 'reasoning_tokens',
      optional: true,
      about: 'Tokens of the reasoning; outputTokens includes them',
    }),
    images: integer({
      column: 'quantity',
      optional: true,
      max: 1_000_000,
      about: 'Images that the provider charges for, if it charges by the image',
    }),
    costEstimateCents: costInCents({
      column: 'cost',
      optional: true,
      about:
        'Cost of the request in cents, if the sender knows it; without a cost, the price table gives it. A failed call without tokens costs nothing',
    }),
    costUsd: costInDollars({
      column: 'cost',
      optional: true,
      insteadOf: 'costEstimateCents',
      about: 'The same cost in dollars',
    }),
    labels,
  },
  mayLackCost: true,
  laterDimensions: ['provider', 'cost_source', 'service_tier'],
  check: checkTokens,
  derive: settleFailures,
};
