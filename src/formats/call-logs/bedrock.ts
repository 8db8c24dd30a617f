import { isObject, type JsonObject } from '../../events/json-object.ts';
import { failureOf } from '../call-failure.ts';
import { numberOf, within } from '../otlp/tokens.ts';
import { type CallLog, type LoggedCall, noCall, usageEvent, withCaches } from './call-log.ts';
import type { LogRow } from './log-row.ts';

const OPERATIONS = new Set(['Converse', 'ConverseStream', 'InvokeModel', 'InvokeModelWithResponseStream']);
/** Where a streamed answer says how long it took. */
const METRICS = 'amazon-bedrock-invocationMetrics';

/**
 * Logs of model invocations of Amazon Bedrock, one JSON object a line: `timestamp`, `requestId`, `operation`, `modelId`,
 * `errorCode`, `identity.arn`, `requestMetadata`, `input.inputTokenCount`, `input.cacheReadInputTokenCount`,
 * `input.cacheWriteInputTokenCount`, `output.outputTokenCount`, `output.outputBodyJson`. The counts of caches are not in
 * `inputTokenCount`.
 *
 * Sources: the user guide of Bedrock, "Model invocation logging"
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html), and the schema `AWS.BedrockModelInvocation`
 * of docs.panther.com, which lists every field.
 */
export const bedrock: CallLog = { rows: 'json', read };

function read(row: LogRow, orgId: string): LoggedCall {
  const requestId = row.text('requestId');
  const schema = row.text('schemaType');
  if (schema !== undefined && schema !== 'ModelInvocationLog')
    return noCall(requestId, `its schemaType is ${schema.slice(0, 50)}`);
  const operation = row.text('operation');
  if (operation !== undefined && !OPERATIONS.has(operation))
    return noCall(requestId, `its operation is ${operation.slice(0, 50)}`);
  const errorCode = row.text('errorCode');
  const cachedInputTokens = row.count('input.cacheReadInputTokenCount');
  const cacheWriteInputTokens = row.count('input.cacheWriteInputTokenCount');
  const input = row.count('input.inputTokenCount');
  const output = row.count('output.outputTokenCount');
  // A call that failed has zeros, which mean unknown.
  const isUnknown = errorCode !== undefined && !input && !output;
  return usageEvent({
    orgId,
    eventId: `bedrock:${row.requiredText('requestId')}`,
    occurredAt: row.time('timestamp'),
    modelId: modelOf(row.requiredText('modelId')),
    provider: 'bedrock',
    clientId: clientOf(row.text('identity.arn')),
    status: errorCode === undefined ? 'success' : failureOf(undefined, errorCode),
    errorCode,
    ...(!isUnknown && {
      inputTokens: withCaches(input, cachedInputTokens, cacheWriteInputTokens),
      outputTokens: output,
      cachedInputTokens,
      cacheWriteInputTokens,
      cacheWriteHourInputTokens: within(writtenForAnHour(row), cacheWriteInputTokens),
    }),
    ...timesOf(row),
    labels: row.labels('requestMetadata'),
    metadata: metadataOf(row, operation),
  });
}

/** The name in an ARN. An id that only the account knows keeps its kind: `application-inference-profile/a1b2`. */
function modelOf(modelId: string): string {
  if (!modelId.startsWith('arn:')) return modelId;
  const resource = modelId.split(':').slice(5).join(':');
  return resource.replace(/^(foundation-model|inference-profile)\//, '') || modelId;
}

/** Who called: the role, or the user, without the session. */
function clientOf(arn: string | undefined): string | undefined {
  const [, name] = /:(?:assumed-role|role|user)\/([^/]+)/.exec(arn ?? '') ?? [];
  return name;
}

/** The body of an answer is an object, or the parts of a stream. Only its times and its usage are read. */
function partsOf(row: LogRow): JsonObject[] {
  const body = row.value('output.outputBodyJson');
  return (Array.isArray(body) ? (body as unknown[]) : [body]).filter(isObject);
}

/**
 * The tokens that a cache keeps for an hour: only the body tells them apart. Converse lists `cacheDetails` with a `ttl`, and
 * Claude has an object `cache_creation`. The usage of a stream is in its metadata, or in its first message.
 */
function writtenForAnHour(row: LogRow): number | undefined {
  for (const part of partsOf(row)) {
    for (const { usage } of [part, part.metadata, part.message].filter(isObject)) {
      if (!isObject(usage)) continue;
      if (isObject(usage.cache_creation)) return numberOf(usage.cache_creation.ephemeral_1h_input_tokens);
      if (!Array.isArray(usage.cacheDetails)) continue;
      const ofAnHour = usage.cacheDetails.filter(isObject).filter(({ ttl }) => ttl === '1h');
      return ofAnHour.reduce((sum, { inputTokens }) => sum + (numberOf(inputTokens) ?? 0), 0);
    }
  }
  return undefined;
}

function timesOf(row: LogRow): { latencyMs?: number; timeToFirstTokenMs?: number } {
  for (const part of partsOf(row).toReversed()) {
    const { metrics = isObject(part.metadata) ? part.metadata.metrics : undefined, [METRICS]: invocation } =
      part;
    const latency = isObject(metrics)
      ? metrics.latencyMs
      : isObject(invocation) && invocation.invocationLatency;
    const first = isObject(invocation) ? invocation.firstByteLatency : undefined;
    if (typeof latency !== 'number' || latency < 0) continue;
    return {
      latencyMs: latency,
      ...(typeof first === 'number' && first >= 0 && { timeToFirstTokenMs: first }),
    };
  }
  return {};
}

function metadataOf(row: LogRow, operation: string | undefined) {
  const region = row.text('inferenceRegion', 'region');
  return {
    log: 'bedrock',
    ...(operation !== undefined && { operation }),
    ...(region !== undefined && { region }),
  };
}
