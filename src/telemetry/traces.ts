import type { IncomingHttpHeaders } from 'node:http';
import type * as Api from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';

type Attributes = Record<string, string | number | boolean | undefined>;

/** Receives messages about failed and resumed exports. */
interface ExportLog {
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
}

interface Tracing {
  api: typeof Api;
  tracer: Api.Tracer;
}

/** Set while traces are exported. Before that, OpenTelemetry is not loaded, and a span costs one comparison. */
let tracing: Tracing | undefined;

/**
 * Exports spans over OTLP (HTTP) from now on.
 * @param endpoint base URL of the collector
 * @returns a function that sends the remaining spans and stops
 */
export async function startTraces({
  endpoint,
  version,
  log,
}: {
  endpoint: string;
  version: string;
  log: ExportLog;
}): Promise<() => Promise<void>> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'tidemark', 'service.version': version }),
    spanProcessors: [new sdk.BatchSpanProcessor(watched(exporter, log))],
  });
  provider.register();
  tracing = { api, tracer: provider.getTracer('tidemark') };
  return async () => {
    tracing = undefined;
    // Failed exports have been logged already.
    await provider.shutdown().catch(() => {});
    api.trace.disable();
    api.context.disable();
    api.propagation.disable();
  };
}

/** Logs once when exports begin to fail, and once when they succeed again. The library itself logs nothing. */
function watched(exporter: SpanExporter, log: ExportLog): SpanExporter {
  let failing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed && !failing)
          log.warn(
            { err: result.error },
            'traces cannot be exported; they are lost until the collector answers',
          );
        if (!failed && failing) log.info({}, 'traces are exported again');
        failing = failed;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

/** Whether spans are exported. */
export function isTracing(): boolean {
  return tracing !== undefined;
}

/** Runs `fn` in a new span inside the current one. The span records an error and rethrows it. */
export async function span<T>(name: string, attributes: Attributes, fn: () => Promise<T>): Promise<T> {
  if (tracing === undefined) return fn();
  const { api, tracer } = tracing;
  return tracer.startActiveSpan(name, { attributes: defined(attributes) }, async (active) => {
    try {
      return await fn();
    } catch (error) {
      active.recordException(error as Error);
      active.setStatus({ code: api.SpanStatusCode.ERROR });
      throw error;
    } finally {
      active.end();
    }
  });
}

/** A span that stays open across callbacks, such as that of a request. */
export interface OpenSpan {
  /** Runs `fn` with this span as the current one. */
  within(fn: () => void): void;
  end(outcome: { attributes: Attributes; failed: boolean }): void;
}

/** Opens the span of a request and continues the trace of its `traceparent` header. `undefined` while traces are off. */
export function openRequestSpan(
  name: string,
  attributes: Attributes,
  headers: IncomingHttpHeaders,
): OpenSpan | undefined {
  if (tracing === undefined) return undefined;
  const { api, tracer } = tracing;
  const parent = api.propagation.extract(api.ROOT_CONTEXT, headers);
  const opened = tracer.startSpan(
    name,
    { kind: api.SpanKind.SERVER, attributes: defined(attributes) },
    parent,
  );
  const context = api.trace.setSpan(parent, opened);
  return {
    within: (fn) => api.context.with(context, fn),
    end: (outcome) => {
      opened.setAttributes(defined(outcome.attributes));
      if (outcome.failed) opened.setStatus({ code: api.SpanStatusCode.ERROR });
      opened.end();
    },
  };
}

function defined(attributes: Attributes): Api.Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
