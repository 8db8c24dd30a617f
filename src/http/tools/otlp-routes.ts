import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { shareOwnerOf } from '../../auth/actor.ts';
import { MAX_EVENTS } from '../../events/max-events.ts';
import { refuseTooMany } from '../../formats/decoded-events.ts';
import { findCalls } from '../../formats/otlp/leaf-calls.ts';
import { readJsonSpans } from '../../formats/otlp/read-json.ts';
import { readProtobufSpans } from '../../formats/otlp/read-protobuf.ts';
import type { OtlpSpan } from '../../formats/otlp/span.ts';
import { usageEventOf } from '../../formats/otlp/usage-event.ts';
import { emptyBody } from '../../formats/parse-json.ts';
import type { EventError } from '../../ingestion/refused-events.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import { boundBodyMemory } from '../shell/body-memory.ts';
import type { Server } from '../shell/typed-server.ts';
import { compileValidator } from '../shell/validation.ts';
import {
  answerExport,
  JSON_TYPE,
  type PartialSuccess,
  PROTOBUF,
  sendRpcStatus,
  speaksProtobuf,
} from './otlp-answers.ts';
import { inTurns, keepBytes, orgOfKey, type ToolOptions, takeTurnFor } from './tool-bodies.ts';

const tags = ['Events'];
/** The refusals that an answer describes. */
const FIRST_REFUSALS = 5;

const body = {
  content: {
    [JSON_TYPE]: { schema: { type: 'object', description: 'An ExportTraceServiceRequest of OTLP.' } },
    [PROTOBUF]: { schema: { type: 'string', format: 'binary', description: 'The same as protobuf.' } },
  },
};

/** The schema of the body only documents it: the readers check it. */
function validatorCompiler(part: Parameters<FastifySchemaCompiler<unknown>>[0]) {
  return part.httpPart === 'body' ? () => true : compileValidator(part);
}

const response = {
  200: {
    description: 'Every call is committed, apart from those that partialSuccess counts as refused.',
    type: 'object',
    properties: {
      partialSuccess: {
        type: 'object',
        properties: { rejectedSpans: { type: 'string' }, errorMessage: { type: 'string' } },
      },
    },
  },
};

function tracesRoute(summary: string, basic: boolean) {
  const access = requires('events:write', 'none').access;
  return {
    config: { access: basic && access !== 'public' ? { ...access, basic: true as const } : access },
    validatorCompiler,
    schema: {
      tags,
      body,
      summary,
      description:
        `Counts the calls to models among the spans, and stores nothing of their prompts. At most ${MAX_EVENTS} spans, plain or ` +
        'compressed. The org is that of the API key. A span that is no call is accepted and not counted.',
      response,
    },
  };
}

const NOT_COUNTED =
  'Metrics are not counted, because they repeat the traces. Send traces to /v1/traces, and turn the export of metrics off.';

const metricsRoute = {
  config: requires('events:write', 'none'),
  validatorCompiler,
  schema: {
    tags,
    summary: 'Accept metrics of OpenTelemetry (OTLP), and count none',
    description:
      'Exporters that send traces often send metrics too. They repeat the calls of the traces, so they are dropped.',
    body: {
      content: {
        [JSON_TYPE]: { schema: { type: 'object', description: 'An ExportMetricsServiceRequest of OTLP.' } },
        [PROTOBUF]: { schema: { type: 'string', format: 'binary', description: 'The same as protobuf.' } },
      },
    },
    response: {
      200: {
        description: 'Nothing is counted; the message says so.',
        type: 'object',
        properties: { partialSuccess: { type: 'object', properties: { errorMessage: { type: 'string' } } } },
      },
    },
  },
};

/** Routes that take traces as OpenTelemetry and Langfuse send them. */
export function registerOtlpRoutes(server: Server, options: ToolOptions): void {
  const plugin: FastifyPluginAsyncTypebox = async (routes) => {
    boundBodyMemory(routes, options.bodies);
    keepBytes(routes, [JSON_TYPE, PROTOBUF]);
    routes.setErrorHandler(sendRpcStatus);
    const take = (request: FastifyRequest, reply: FastifyReply) => takeTraces(options, request, reply);
    routes.post('/v1/traces', tracesRoute('Send traces of OpenTelemetry (OTLP)', false), take);
    routes.post('/api/public/otel/v1/traces', tracesRoute('Send traces of Langfuse (OTLP)', true), take);
    routes.post('/v1/metrics', metricsRoute, async (request, reply) =>
      answerExport(request, reply, 'rejectedDataPoints', { rejected: 0, message: NOT_COUNTED }),
    );
  };
  server.register(plugin);
}

async function takeTraces({ ingest, loop }: ToolOptions, request: FastifyRequest, reply: FastifyReply) {
  const actor = actorOf(request);
  const orgId = orgOfKey(actor);
  const bytes = request.body;
  if (!Buffer.isBuffer(bytes)) throw emptyBody();
  await takeTurnFor(bytes, request, loop);
  const owner = shareOwnerOf(actor);
  const spans: OtlpSpan[] = [];
  await inTurns(
    speaksProtobuf(request) ? readProtobufSpans(bytes) : readJsonSpans(bytes),
    { owner, loop },
    (span) => {
      spans.push(span);
      refuseTooMany(spans.length);
    },
  );
  const { calls } = findCalls(spans);
  const events: unknown[] = [];
  const unreadable: EventError[] = [];
  await inTurns(calls, { owner, loop }, (call) => {
    const event = usageEventOf(call, orgId);
    if (typeof event !== 'string') events.push(event);
    else unreadable.push({ index: MAX_EVENTS, eventId: call.spanId, code: 'invalid', detail: event });
  });
  const result = await ingest.submit({
    events,
    source: 'http',
    owner,
    correlationId: request.correlationId,
    mayIngestFor: (org) => org === orgId,
    rejected: unreadable,
  });
  return answerExport(request, reply, 'rejectedSpans', partialSuccessOf(result.rejected, result.errors));
}

/**
 * What was refused. A conflict is no refusal: two tools reported the same call with other times, and it counts once.
 */
function partialSuccessOf(rejected: number, errors: readonly EventError[]): PartialSuccess | undefined {
  if (rejected === 0) return undefined;
  const reasons = errors
    .filter(({ code }) => code !== 'conflict')
    .slice(0, FIRST_REFUSALS)
    .map(({ eventId, detail }) => `${eventId ?? 'a span'}: ${detail}`);
  return { rejected, message: reasons.join('; ') };
}
