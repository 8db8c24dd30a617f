import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Safe to put in a header, a log line and a column: printable, no spaces, no quotes, at most 128 characters. */
const SANE = /^[\w.:@/+=-]{1,128}$/;

function saneHeader(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && SANE.test(value) ? value : undefined;
}

/** The id of one request: the caller's `X-Request-Id` or `X-Correlation-Id` when sane, else one of ours. */
export function requestIdOf(request: IncomingMessage): string {
  return saneHeader(request, 'x-request-id') ?? saneHeader(request, 'x-correlation-id') ?? randomUUID();
}

/** The id of the story a request is part of: the caller's `X-Correlation-Id` when sane, else the request's own. */
export function correlationIdOf(request: IncomingMessage, requestId: string): string {
  return saneHeader(request, 'x-correlation-id') ?? requestId;
}
