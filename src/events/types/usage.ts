import type { EventType, Row } from '../event-type.ts';
import { cents, choice, integer, milliseconds, text } from '../field.ts';

/** Many providers report cached tokens apart from input tokens. Costs and shares need them to be part of it. */
function checkCached({ input_tokens: input, cached_input_tokens: cached }: Row) {
  if (cached === undefined || Number(cached) <= Number(input)) return undefined;
  const message = `must not be more than inputTokens, which is ${input}: inputTokens contains the cached tokens, so add them to it`;
  return { field: 'cachedInputTokens', message };
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
    clientId: text({
      column: 'client_id',
      dimension: true,
      optional: true,
      about: 'The application that sent the request',
    }),
    latencyMs: milliseconds({ column: 'value', about: 'Time from the request to the last byte' }),
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
    inputTokens: integer({ column: 'input_tokens', about: 'Tokens of the prompt, with those from a cache' }),
    outputTokens: integer({ column: 'output_tokens', about: 'Tokens of the answer' }),
    cachedInputTokens: integer({
      column: 'cached_input_tokens',
      optional: true,
      about: 'Prompt tokens that came from a cache; inputTokens includes them',
    }),
    costEstimateCents: cents({ column: 'cost', about: 'Cost of the request' }),
  },
  check: checkCached,
};
