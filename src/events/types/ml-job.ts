import type { EventType } from '../event-type.ts';
import { choice, costInCents, costInDollars, integer, milliseconds, text } from '../field.ts';

export const mlJob: EventType = {
  type: 'ml_job',
  title: 'ML job',
  about: 'One job of an ML pipeline at a provider.',
  metricPrefix: 'ml',
  value: { name: 'duration', kind: 'duration' },
  failures: ['error', 'timeout', 'throttled'],
  undecided: ['cancelled'],
  fields: {
    pipeline: text({
      column: 'pipeline',
      dimension: true,
      maxLength: 100,
      about: 'The pipeline: 3d, descriptions, assets, or one of your own',
    }),
    operation: text({
      column: 'operation',
      dimension: true,
      optional: true,
      maxLength: 100,
      about: 'The step in the pipeline; for assets: ingestion, versioning, approval',
    }),
    provider: text({
      column: 'provider',
      dimension: true,
      maxLength: 100,
      about: 'The provider that ran the job: replicate, tripo, huggingface, gemini, or another',
    }),
    status: choice(['success', 'error', 'timeout', 'throttled', 'cancelled'], {
      column: 'status',
      dimension: true,
      about: 'How the job ended; a cancelled job is neither an error nor a success',
    }),
    durationMs: milliseconds({ column: 'value', about: 'Time from the start to the end of the job' }),
    inputTokens: integer({
      column: 'input_tokens',
      optional: true,
      about: 'Input tokens, for prices by the token',
    }),
    outputTokens: integer({
      column: 'output_tokens',
      optional: true,
      about: 'Output tokens, for prices by the token',
    }),
    costCents: costInCents({
      column: 'cost',
      optional: true,
      about: 'Cost of the job in cents, if the provider tells it; without a cost, the price table gives it',
    }),
    costUsd: costInDollars({
      column: 'cost',
      optional: true,
      insteadOf: 'costCents',
      about: 'The same cost in dollars',
    }),
    errorCode: text({
      column: 'error_code',
      dimension: true,
      optional: true,
      maxLength: 100,
      cut: true,
      about: 'The error code of the provider; longer ones are cut at 100 characters',
    }),
  },
  mayLackCost: true,
  pricing: {
    scope: { provider: 'provider', pipeline: 'pipeline', operation: 'operation' },
    quantities: { duration: 'value', inputTokens: 'input_tokens', outputTokens: 'output_tokens' },
  },
};
