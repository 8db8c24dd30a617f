import type { EventType } from '../event-type.ts';
import { cents, choice, integer, milliseconds, text } from '../field.ts';

/** Where the cost of a job is from: its event, the price table, or nowhere, as it is not known. */
export const costSources = ['given', 'table', 'none'] as const;
export type CostSource = (typeof costSources)[number];

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
      about: 'The step within it; for assets: ingestion, versioning, approval',
    }),
    provider: text({
      column: 'provider',
      dimension: true,
      maxLength: 100,
      about: 'Who ran it: replicate, tripo, huggingface, gemini, or another',
    }),
    status: choice(['success', 'error', 'timeout', 'throttled', 'cancelled'], {
      column: 'status',
      dimension: true,
      about: 'How the job ended; a cancelled job is neither an error nor a success',
    }),
    durationMs: milliseconds({ column: 'value', about: 'From start to end of the job' }),
    inputTokens: integer({
      column: 'input_tokens',
      optional: true,
      about: 'Tokens the job took in, for prices by the token',
    }),
    outputTokens: integer({
      column: 'output_tokens',
      optional: true,
      about: 'Tokens the job put out, for prices by the token',
    }),
    costCents: cents({
      column: 'cost',
      optional: true,
      about: 'What the job cost, where the provider says; else it is priced from the price table',
    }),
    errorCode: text({
      column: 'error_code',
      dimension: true,
      optional: true,
      maxLength: 100,
      about: 'Why it failed, in the words of the provider',
    }),
  },
  derivedDimensions: ['cost_source'],
  derive: (row) => {
    row.cost_source = (row.cost === undefined ? 'none' : 'given') satisfies CostSource;
  },
};
