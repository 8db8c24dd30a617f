import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { noteWholeRefusals } from '../events/arrival.ts';
import { boundBodyMemory } from '../shell/body-memory.ts';
import type { Server } from '../shell/typed-server.ts';
import { answerExport, JSON_TYPE, PROTOBUF, sendRpcStatus } from './otlp-answers.ts';
import { logsRoute, metricsRoute, tracesRoute } from './otlp-schemas.ts';
import { takeLogs } from './take-logs.ts';
import { type TracesOptions, takeSpans } from './take-spans.ts';
import { keepBytes } from './tool-bodies.ts';

const NOT_COUNTED =
  'Metrics are not counted, because they repeat the traces. Send traces to /v1/traces, and turn the export of metrics off.';

/** Routes that take what OpenTelemetry and Langfuse export. */
export function registerOtlpRoutes(server: Server, options: TracesOptions): void {
  const plugin: FastifyPluginAsyncTypebox = async (routes) => {
    boundBodyMemory(routes, options.bodies);
    keepBytes(routes, [JSON_TYPE, PROTOBUF]);
    noteWholeRefusals(routes, options.ingest);
    routes.setErrorHandler(sendRpcStatus);
    const traces = tracesRoute('Send traces of OpenTelemetry (OTLP)', { basic: false });
    routes.post('/v1/traces', traces, (request, reply) => takeSpans(options, request, reply));
    const langfuse = tracesRoute('Send traces of Langfuse (OTLP)', { basic: true });
    routes.post('/api/public/otel/v1/traces', langfuse, (request, reply) =>
      takeSpans(options, request, reply),
    );
    routes.post('/v1/logs', logsRoute, (request, reply) => takeLogs(options, request, reply));
    routes.post('/v1/metrics', metricsRoute, async (request, reply) =>
      answerExport(request, reply, 'rejectedDataPoints', { rejected: 0, message: NOT_COUNTED }),
    );
  };
  server.register(plugin);
}
