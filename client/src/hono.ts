import { correlationIdOf, withCorrelationId } from './correlation.ts';
import { newEventId } from './event-id.ts';
import { type ReportOptions, report } from './request-report.ts';

/** The parts of Hono that are used, so that this package needs none of its types. */
interface Context {
  req: {
    method: string;
    header(name: string): string | undefined;
    matchedRoutes: readonly { method: string; path: string }[];
  };
  res: { status: number };
}

/**
 * A middleware of Hono 4 that reports each request by its route pattern, and gives what the handlers track the correlation
 * id of the request: `app.use(tidemarkHono({ tidemark }))`, before the routes.
 */
export function tidemarkHono({ tidemark, clientId }: ReportOptions<Context>) {
  return (context: Context, next: () => Promise<void>): Promise<void> => {
    const began = performance.now();
    const { req } = context;
    const correlationId = correlationIdOf((name) => req.header(name)) ?? newEventId(Date.now());
    return withCorrelationId(correlationId, async () => {
      await next();
      report(tidemark, {
        method: req.method,
        // Middleware is registered for ALL methods.
        route: req.matchedRoutes.filter(({ method }) => method !== 'ALL').at(-1)?.path,
        statusCode: context.res.status,
        durationMs: performance.now() - began,
        correlationId,
        clientId: () => clientId?.(context),
      });
    });
  };
}
