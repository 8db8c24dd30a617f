import { isLabelKey } from '../../events/labels.ts';
import type { AttributeValue } from './span.ts';
import { WantedNames } from './wanted-names.ts';

/** The names of each meaning, over all generations of conventions. The first that a span has counts. */
export const attributeNames = {
  model: [
    'gen_ai.response.model',
    'langfuse.observation.model.name',
    'llm.model_name',
    'embedding.model_name',
    'gen_ai.request.model',
    'ai.model.id',
  ],
  provider: [
    'gen_ai.provider.name',
    'gen_ai.system',
    'llm.provider',
    'llm.system',
    'gen_ai.request.provider',
    'gen_ai.model.provider',
    'ai.model.provider',
  ],
  input: [
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
    'llm.token_count.prompt',
    'ai.usage.inputTokens',
    'ai.usage.promptTokens',
    'ai.usage.tokens',
  ],
  output: [
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.completion_tokens',
    'llm.token_count.completion',
    'ai.usage.outputTokens',
    'ai.usage.completionTokens',
  ],
  cacheRead: [
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
    'gen_ai.usage.prompt_tokens_details.cached_tokens',
    'llm.token_count.prompt_details.cache_read',
    'ai.usage.cachedInputTokens',
  ],
  cacheWrite: [
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
    'llm.token_count.prompt_details.cache_write',
    'ai.usage.inputTokenDetails.cacheWriteTokens',
  ],
  /** Of the tokens written to a cache, those that it keeps for an hour, and the others. */
  cacheWriteHour: [
    'gen_ai.usage.cache_creation.ephemeral_1h.input_tokens',
    'gen_ai.usage.cache_creation.ephemeral_1h_input_tokens',
  ],
  cacheWrite5m: [
    'gen_ai.usage.cache_creation.ephemeral_5m.input_tokens',
    'gen_ai.usage.cache_creation.ephemeral_5m_input_tokens',
  ],
  reasoning: [
    'gen_ai.usage.reasoning.output_tokens',
    'gen_ai.usage.reasoning_tokens',
    'gen_ai.usage.completion_tokens_details.reasoning_tokens',
    'llm.token_count.completion_details.reasoning',
    'ai.usage.reasoningTokens',
  ],
  /** Dollars. */
  cost: [
    'gen_ai.usage.cost',
    'gen_ai.cost.total_cost',
    'litellm.cost.total',
    'llm.cost.total',
    'operation.cost',
  ],
  responseId: ['gen_ai.response.id', 'ai.response.id'],
  serviceTier: ['gen_ai.openai.response.service_tier', 'openai.response.service_tier'],
  httpStatus: ['http.response.status_code', 'http.status_code'],
} as const;

export const USAGE_DETAILS = 'langfuse.observation.usage_details';
export const COST_DETAILS = 'langfuse.observation.cost_details';
/** AI SDK 6 has it, and counts tokens of caches within the input; its predecessors do not. */
export const AI_SDK_6 = 'ai.usage.inputTokenDetails.noCacheTokens';

const others = [
  USAGE_DETAILS,
  COST_DETAILS,
  AI_SDK_6,
  'langfuse.observation.completion_start_time',
  'langfuse.observation.type',
  'langfuse.environment',
  'ai.operationId',
  'ai.response.msToFirstChunk',
  'openinference.span.kind',
  'traceloop.span.kind',
  'gen_ai.operation.name',
  'gen_ai.response.time_to_first_chunk',
  'llm.request.type',
  'error.type',
  'exception.type',
  'service.name',
  'deployment.environment.name',
  'deployment.environment',
];

/** Its attributes repeat the usage of the spans below a span. */
export const AGGREGATED = 'gen_ai.aggregated_usage.';

/** An attribute of a span or its resource that is a label of the call, such as `tidemark.label.team`. */
export const LABEL_PREFIX = 'tidemark.label.';

/** The attributes of spans and their resources that Tidemark reads. All others are skipped while reading. */
export const spanAttributes = new WantedNames(
  [...Object.values(attributeNames).flat(), ...others],
  [
    { prefix: AGGREGATED, has: () => true },
    { prefix: LABEL_PREFIX, has: (name) => isLabelKey(name.slice(LABEL_PREFIX.length)) },
  ],
);

/** The first attribute that is there and not empty. */
export function firstOf(
  attributes: ReadonlyMap<string, AttributeValue>,
  names: readonly string[],
): AttributeValue | undefined {
  for (const name of names) {
    const value = attributes.get(name);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
