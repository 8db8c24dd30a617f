/** The part of Node's `AsyncLocalStorage` that is used; this package has no types of a runtime. */
interface Storage {
  run<T>(correlationId: string, fn: () => T): T;
  getStore(): string | undefined;
}

interface Process {
  getBuiltinModule?: (name: string) => { AsyncLocalStorage: new () => Storage } | undefined;
}

/** Absent where the runtime has no such storage; then events take the correlation id that they are given. */
const storage = openStorage();

function openStorage(): Storage | undefined {
  const { process } = globalThis as { process?: Process };
  const hooks = process?.getBuiltinModule?.('node:async_hooks');
  return hooks && new hooks.AsyncLocalStorage();
}

/** Runs `fn`. Events that it tracks, also later and in what it starts, carry the correlation id. */
export function withCorrelationId<T>(correlationId: string, fn: () => T): T {
  return storage ? storage.run(correlationId, fn) : fn();
}

/** The id of `withCorrelationId`, else the trace id of the active OpenTelemetry span. */
export function currentCorrelationId(): string | undefined {
  return storage?.getStore() ?? activeTraceId();
}

/**
 * The correlation id of a request: its `X-Correlation-Id`, else the trace id of its W3C `traceparent`
 * (https://www.w3.org/TR/trace-context/#traceparent-header).
 */
export function correlationIdOf(header: (name: string) => string | undefined): string | undefined {
  const own = header('x-correlation-id');
  if (own !== undefined && own !== '' && own.length <= 200) return own;
  const traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-/.exec(header('traceparent') ?? '')?.[1];
  return traceId === '0'.repeat(32) ? undefined : traceId;
}

interface OpenTelemetry {
  context?: {
    active(): { getValue(key: symbol): { spanContext(): { traceId: string } } | undefined };
  };
}

/** `@opentelemetry/api` keeps itself under this key, so that all copies of it share one context. */
const OPEN_TELEMETRY = Symbol.for('opentelemetry.js.api.1');
const ACTIVE_SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

function activeTraceId(): string | undefined {
  try {
    const { context } = (globalThis as { [OPEN_TELEMETRY]?: OpenTelemetry })[OPEN_TELEMETRY] ?? {};
    return context?.active().getValue(ACTIVE_SPAN)?.spanContext().traceId;
  } catch {
    return undefined;
  }
}
