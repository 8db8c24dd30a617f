import type { JsonObject } from '../../events/json-object.ts';
import { labelsOfTool } from '../../events/labels.ts';
import { formatTimestamp, parseTimestamp } from '../../events/timestamp.ts';
import { failureOf } from '../call-failure.ts';
import { attributeNames, firstOf, LABEL_PREFIX } from './attributes.ts';
import type { OtlpSpan } from './span.ts';
import { addGiven, dollarsOf, numberOf, tokensOf } from './tokens.ts';

/** A shorter id of a response may repeat: some servers count from 1. */
const SHORTEST_UNIQUE_ID = 20;
const LONGEST_ID = 190;
const ERROR = 2;

/** The event of usage for a call, or why it cannot be one. It is checked later, like any other event. */
export function usageEventOf(span: OtlpSpan, orgId: string, { byAnswer = true } = {}): JsonObject | string {
  const fault = faultOfId('traceId', span.traceId, 32) ?? faultOfId('spanId', span.spanId, 16);
  if (fault !== undefined) return fault;
  if (span.start === 0) return 'startTimeUnixNano is required';
  const { attributes, resource, scope } = span;
  const provider = providerOf(span);
  const model = firstOf(attributes, attributeNames.model);
  const dollars = dollarsOf(span);
  const event: JsonObject = {
    type: 'usage',
    orgId,
    eventId: eventIdOf(span, byAnswer),
    occurredAt: formatTimestamp(span.start),
    modelId: String(model),
    correlationId: span.traceId,
    metadata: {
      ...(scope.name !== '' && { scope: scopeText(scope) }),
      ...environmentOf(span),
      spanId: span.spanId,
    },
  };
  addGiven(event, {
    provider,
    clientId: clientOf(resource),
    latencyMs: span.end >= span.start ? (span.end - span.start) / 1_000 : undefined,
    timeToFirstTokenMs: firstTokenOf(span),
    serviceTier: firstOf(attributes, attributeNames.serviceTier),
    costUsd: dollars,
    labels: labelsOf(span),
  });
  addGiven(event, statusOf(span));
  addGiven(event, tokensOf(span, provider));
  return event;
}

function faultOfId(name: string, id: string, digits: number): string | undefined {
  if (id.length !== digits || /[^\da-f]/.test(id)) return `${name} must have ${digits} hexadecimal digits`;
  return /^0+$/.test(id) ? `${name} must not be zeros` : undefined;
}

/** The id of the provider's answer is the same for the gateway and the application, so the call counts once. */
function eventIdOf({ attributes, traceId, spanId }: OtlpSpan, byAnswer: boolean): string {
  const id = firstOf(attributes, attributeNames.responseId);
  const isUnique =
    byAnswer && typeof id === 'string' && id.length >= SHORTEST_UNIQUE_ID && id.length <= LONGEST_ID;
  return isUnique ? `llm:${id}` : `otel:${traceId}:${spanId}`;
}

function providerOf({ attributes, scope }: OtlpSpan): string | undefined {
  const provider = firstOf(attributes, attributeNames.provider);
  if (provider === undefined) return undefined;
  // The AI SDK adds the kind of its interface: openai.chat.
  const isOfAiSdk = scope.name === 'ai' || provider === attributes.get('ai.model.provider');
  const name = String(provider).toLowerCase();
  return isOfAiSdk ? name.split('.', 1)[0] : name;
}

function clientOf(resource: OtlpSpan['resource']): string | undefined {
  const name = resource.get('service.name');
  // What SDKs send if nobody named the service.
  if (name === undefined || name === '' || String(name).startsWith('unknown_service')) return undefined;
  return String(name);
}

/** A label of the span counts before the same label of its resource. */
function labelsOf({ attributes, resource }: OtlpSpan): Record<string, string> | undefined {
  const labels: [string, unknown][] = [];
  for (const given of [attributes, resource])
    for (const [name, value] of given)
      if (name.startsWith(LABEL_PREFIX)) labels.push([name.slice(LABEL_PREFIX.length), value]);
  return labels.length === 0 ? undefined : labelsOfTool(labels);
}

function environmentOf({ attributes, resource }: OtlpSpan): { environment?: string } {
  const environment =
    attributes.get('langfuse.environment') ??
    firstOf(resource, ['deployment.environment.name', 'deployment.environment', 'langfuse.environment']);
  return environment === undefined ? {} : { environment: String(environment).slice(0, 200) };
}

function scopeText({ name, version }: OtlpSpan['scope']): string {
  return (version === '' ? name : `${name}@${version}`).slice(0, 200);
}

/** Milliseconds from the start of a call to its first token. */
function firstTokenOf({ attributes, start }: OtlpSpan): number | undefined {
  const seconds = numberOf(attributes.get('gen_ai.response.time_to_first_chunk'));
  if (seconds !== undefined) return rounded(seconds * 1_000);
  const milliseconds = numberOf(attributes.get('ai.response.msToFirstChunk'));
  if (milliseconds !== undefined) return rounded(milliseconds);
  const moment = attributes.get('langfuse.observation.completion_start_time');
  if (typeof moment !== 'string') return undefined;
  // Langfuse puts the time into JSON, so it has quotes.
  const micros = parseTimestamp(moment.replaceAll('"', ''));
  return micros === undefined || micros < start ? undefined : (micros - start) / 1_000;
}

/** To whole microseconds. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}

function statusOf({ attributes, statusCode, exception }: OtlpSpan): { status: string; errorCode?: string } {
  const http = numberOf(firstOf(attributes, attributeNames.httpStatus));
  const type = attributes.get('error.type') ?? exception;
  const isFailed =
    statusCode === ERROR || attributes.has('error.type') || (http !== undefined && http >= 400);
  if (!isFailed) return { status: 'success' };
  const kind = type === undefined ? undefined : String(type);
  const code = http !== undefined && http >= 400 ? String(http) : kind;
  return { status: failureOf(http, kind), ...(code !== undefined && code !== '' && { errorCode: code }) };
}
