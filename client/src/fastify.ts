import { correlationIdOf, withCorrelationId } from './correlation.ts';
import { newEventId } from './event-id.ts';
import { headerOf, type ReportOptions, report } from './request-report.ts';

/** The parts of Fastify that are used, so that this package needs none of its types. */
interface Request {
  method: string;
  headers: Record<string, string | string[] | undefined>;
  routeOptions: { url?: string | undefined };
}
interface Reply {
  statusCode: number;
  elapsedTime: number;
  raw: { writableFinished: boolean };
}
type Hook = (request: Request, reply: Reply, done: () => void) => void;
interface App {
  addHook(name: 'onRequest' | 'preValidation' | 'onResponse', hook: Hook): unknown;
}

/**
 * A Fastify plugin that reports each request by its route pattern, and gives what the handlers track the correlation id
 * of the request: `app.register(tidemarkFastify, { tidemark })`.
 */
export function tidemarkFastify(
  app: App,
  { tidemark, clientId }: ReportOptions<Request>,
  done: () => void,
): void {
  const ids = new WeakMap<Request, string>();
  const within: Hook = (request, _, next) => {
    const id = ids.get(request) ?? correlationIdOf(headerOf(request.headers)) ?? newEventId(Date.now());
    ids.set(request, id);
    withCorrelationId(id, next);
  };
  app.addHook('onRequest', within);
  // The body was read in between, and its events may come from elsewhere.
  app.addHook('preValidation', within);
  app.addHook('onResponse', (request, reply, next) => {
    report(tidemark, {
      method: request.method,
      route: request.routeOptions.url,
      statusCode: reply.raw.writableFinished ? reply.statusCode : undefined,
      durationMs: reply.elapsedTime,
      correlationId: ids.get(request),
      clientId: () => clientId?.(request),
    });
    next();
  });
  done();
}

// What fastify-plugin does: the hooks are for the whole application, not for the routes of a plugin without any.
Object.assign(tidemarkFastify, { [Symbol.for('skip-override')]: true });
