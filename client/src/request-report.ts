import type { Tracker } from './event.ts';

/** What the middleware of all frameworks take. */
export interface ReportOptions<Request> {
  tidemark: Tracker;
  /** Who sent the request. Default: the `source` of the client. */
  clientId?: (request: Request) => string | undefined;
}

/** The route of requests that no route matches. A path would make a series of its own for each that somebody tries. */
const UNMATCHED = '(unmatched)';
/** The client hung up before the answer was complete, as nginx counts it. */
const HUNG_UP = 499;

export interface Answered {
  method: string;
  /** The pattern, such as `/orders/:id`. */
  route: string | undefined;
  /** `undefined` if the client hung up. */
  statusCode: number | undefined;
  durationMs: number;
  correlationId: string | undefined;
  /** The caller's own function, which may throw. */
  clientId: () => string | undefined;
}

/** Tracks a request that was answered. Never throws. */
export function report(tracker: Tracker, answered: Answered): void {
  const { method, route, statusCode = HUNG_UP, durationMs, correlationId } = answered;
  let clientId: string | undefined;
  try {
    clientId = answered.clientId();
  } catch {
    // The request counts without it.
  }
  try {
    tracker.track({
      type: 'api_request',
      method,
      route: route || UNMATCHED,
      statusCode,
      durationMs,
      occurredAt: new Date(Date.now() - durationMs),
      ...(correlationId !== undefined && { correlationId }),
      ...(clientId !== undefined && { clientId }),
    });
  } catch {
    // A tracker of the caller's own. The request is answered all the same.
  }
}

/** A header as frameworks on Node have it. */
export function headerOf(headers: Record<string, string | string[] | undefined>) {
  return (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
}
