import { correlationIdOf, withCorrelationId } from './correlation.ts';
import { newEventId } from './event-id.ts';
import { headerOf, type ReportOptions, report } from './request-report.ts';

/** The parts of Express that are used, so that this package needs none of its types. */
interface Request {
  method: string;
  baseUrl?: string;
  headers: Record<string, string | string[] | undefined>;
  route?: { path?: unknown };
}
interface Response {
  statusCode: number;
  writableFinished: boolean;
  once(name: 'close', listener: () => void): unknown;
}

/**
 * A middleware of Express 4 and 5 that reports each request by its route pattern, and gives what the handlers track the
 * correlation id of the request: `app.use(tidemarkExpress({ tidemark }))`, before the routes.
 */
export function tidemarkExpress({ tidemark, clientId }: ReportOptions<Request>) {
  return (request: Request, response: Response, next: () => void): void => {
    const began = performance.now();
    const correlationId = correlationIdOf(headerOf(request.headers)) ?? newEventId(Date.now());
    const pattern = watchRoute(request);
    response.once('close', () => {
      report(tidemark, {
        method: request.method,
        route: pattern(),
        statusCode: response.writableFinished ? response.statusCode : undefined,
        durationMs: performance.now() - began,
        correlationId,
        clientId: () => clientId?.(request),
      });
    });
    withCorrelationId(correlationId, next);
  };
}

/** Express forgets where a router is mounted when a handler fails. So the pattern is noted as the route is found. */
function watchRoute(request: Request): () => string | undefined {
  let { route } = request;
  let pattern: string | undefined;
  Object.defineProperty(request, 'route', {
    ...{ configurable: true, enumerable: true, get: () => route },
    set(found: Request['route']) {
      route = found;
      if (found?.path !== undefined) pattern = `${request.baseUrl ?? ''}${found.path}`;
    },
  });
  return () => pattern;
}
