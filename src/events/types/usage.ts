import type { EventType } from '../event-type.ts';
import { cents, choice, integer, milliseconds, text } from '../field.ts';

export const usage: EventType = {
  type: 'usage',
  title: 'LLM inference',
  about: 'One request to a model: how long it took, how it ended, its tokens and what it cost.',
  metricPrefix: 'usage',
  value: { name: 'latency', kind: 'duration' },
  failures: ['error', 'timeout', 'throttled'],
  fields: {
    modelId: text({ column: 'model_id', dimension: true, about: 'The model that answered' }),
    clientId: text({
      column: 'client_id',
      dimension: true,
      optional: true,
      about: 'The application that asked',
    }),
    latencyMs: milliseconds({ column: 'value', about: 'From request to last byte' }),
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
      about: 'Why it failed, in the words of the provider',
    }),
    inputTokens: integer({ column: 'input_tokens', about: 'Tokens of the prompt' }),
    outputTokens: integer({ column: 'output_tokens', about: 'Tokens of the answer' }),
    cachedInputTokens: integer({
      column: 'cached_input_tokens',
      optional: true,
      about: 'Prompt tokens served from a cache, contained in inputTokens',
    }),
    costEstimateCents: cents({ column: 'cost', about: 'What the request cost' }),
  },
};
