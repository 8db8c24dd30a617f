import type { FastifyInstance } from 'fastify';
import { isTracing, type OpenSpan, openRequestSpan } from '../../telemetry/traces.ts';

declare module 'fastify' {
  interface FastifyRequest {
    span: OpenSpan | undefined;
  }
}

/** Gives each request a span, and runs its handler within it. */
export function traceRequests(server: FastifyInstance): void {
  server.decorateRequest('span', undefined);

  server.addHook('onRequest', (request, _reply, done) => {
    if (!isTracing()) return done();
    const route = request.routeOptions.url ?? 'none';
    const attributes = {
      'http.request.method': request.method,
      'http.route': route,
      'tidemark.request_id': request.id,
      'tidemark.correlation_id': request.correlationId,
    };
    request.span = openRequestSpan(`${request.method} ${route}`, attributes, request.headers);
    done();
  });

  // Reading the body loses the active span, so the span becomes active after that.
  server.addHook('preValidation', (request, _reply, done) => {
    if (request.span) request.span.within(done);
    else done();
  });

  server.addHook('onResponse', (request, reply, done) => {
    const attributes = { 'http.response.status_code': reply.statusCode };
    request.span?.end({ attributes, failed: reply.statusCode >= 500 });
    done();
  });
}
