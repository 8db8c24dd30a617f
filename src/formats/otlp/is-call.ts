import { AGGREGATED, attributeNames, COST_DETAILS, firstOf, USAGE_DETAILS } from './attributes.ts';
import type { OtlpSpan } from './span.ts';

/** Why a span is no call to a model; `undefined` if it is one. */
export type NotACall = string | undefined;

const LANGFUSE_CALLS = new Set(['generation', 'embedding']);
const OPENINFERENCE_CALLS = new Set(['LLM', 'EMBEDDING']);
const REQUEST_TYPES = new Set(['chat', 'completion', 'embedding']);
const OPERATIONS = new Set([
  ...['chat', 'text_completion', 'generate_content', 'embeddings'],
  // Call types of LiteLLM (litellm/types/utils.py, CallTypes) that ask a model for tokens.
  ...['completion', 'acompletion', 'atext_completion', 'embedding', 'aembedding', 'responses', 'aresponses'],
  ...['anthropic_messages', 'agenerate_content', 'generate_content_stream', 'agenerate_content_stream'],
  ...['_arealtime', '_aresponses_websocket', 'llm_passthrough_route', 'allm_passthrough_route'],
  'pass_through_endpoint',
]);
const AI_SDK_CALL = /\.(doGenerate|doStream|doEmbed)$/;

/**
 * Says why a span is no call. The first convention that the span follows decides. A span without a model is never a call.
 */
export function whyNoCall(span: OtlpSpan): NotACall {
  const why = whyNoCallByKind(span);
  if (why !== undefined) return why;
  return firstOf(span.attributes, attributeNames.model) === undefined ? 'it names no model' : undefined;
}

function whyNoCallByKind({ attributes }: OtlpSpan): NotACall {
  const decide = (name: string, isCall: (value: string) => boolean): NotACall | null => {
    const value = attributes.get(name);
    if (value === undefined) return null;
    return isCall(String(value)) ? undefined : `its ${name} is ${String(value).slice(0, 50)}`;
  };
  const langfuse = decide('langfuse.observation.type', (type) => LANGFUSE_CALLS.has(type));
  if (langfuse !== null) return langfuse;
  const aiSdk = decide('ai.operationId', (id) => AI_SDK_CALL.test(id));
  if (aiSdk !== null) return aiSdk;
  const openInference = decide('openinference.span.kind', (kind) =>
    OPENINFERENCE_CALLS.has(kind.toUpperCase()),
  );
  if (openInference !== null) return openInference;
  if (attributes.has('traceloop.span.kind')) return 'its traceloop.span.kind marks a step, not a call';
  for (const name of attributes.keys()) {
    if (name.startsWith(AGGREGATED)) return 'its usage is that of the spans below it';
  }
  const operation = decide('gen_ai.operation.name', (name) => OPERATIONS.has(name));
  if (operation !== null) return operation;
  const requestType = decide('llm.request.type', (type) => REQUEST_TYPES.has(type));
  if (requestType === undefined) return undefined;
  return hasUsage({ attributes }) ? undefined : 'it has neither tokens nor a cost';
}

const USAGE = [...attributeNames.input, ...attributeNames.output, ...attributeNames.cost];

/** Whether a span says what its call used: tokens or a cost. */
export function hasUsage({ attributes }: Pick<OtlpSpan, 'attributes'>): boolean {
  return (
    firstOf(attributes, USAGE) !== undefined || attributes.has(USAGE_DETAILS) || attributes.has(COST_DETAILS)
  );
}
