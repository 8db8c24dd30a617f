import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Safe in a header, a log line and a column: printable, no spaces, no quotes, at most 128 characters. */
const SAFE = /^[\w.:@/+=-]{1,128}$/;

function safeHeader(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && SAFE.test(value) ? value : undefined;
}

/** The id of one request: the caller's `X-Request-Id` or `X-Correlation-Id` if it is safe, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  return safeHeader(request, 'x-request-id') ?? safeHeader(request, 'x-correlation-id') ?? randomUUID();
}

/** The correlation id of a request: the caller's `X-Correlation-Id` if it is safe, else the request id. */
export function correlationIdOf(request: IncomingMessage, requestId: string): string {
  return safeHeader(request, 'x-correlation-id') ?? requestId;
}
