import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { AnsweredRequest } from '../../ingestion/self-report.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { correlationIdOf } from './request-ids.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Groups the requests and events of one operation. Events that are sent without one get it. */
    correlationId: string;
  }
}

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Whether a route is one that probes and scrapers call all the time. */
export function isProbe(route: string): boolean {
  return route.startsWith('/analytics/v1/status/') || /^\/metrics(\/orgs)?$/.test(route);
}

interface ObserveOptions {
  log: FastifyBaseLogger;
  metrics: Pick<Metrics, 'requestSeconds'>;
  /** Called after every answer, except for probes and scrapes. */
  onAnswered?: (request: AnsweredRequest) => void;
}

/** Gives every answer its ids and security headers, and records every request in the log and the metrics. */
export function observeRequests(server: FastifyInstance, { log, metrics, onAnswered }: ObserveOptions): void {
  server.decorateRequest('correlationId', '');
  // Its lines have no field that could hold a secret, and looking for one takes a tenth of a small request.
  const answers = log.child({}, { redact: [] });

  server.addHook('onRequest', (request, reply, done) => {
    request.correlationId = correlationIdOf(request.raw, request.id);
    reply.headers({
      ...SECURITY_HEADERS,
      'x-request-id': request.id,
      'x-correlation-id': request.correlationId,
    });
    done();
  });

  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route, status: reply.statusCode };
    metrics.requestSeconds.observe(labels, reply.elapsedTime / 1_000);
    const level = isProbe(route) ? 'debug' : 'info';
    answers[level](
      {
        ...{ requestId: request.id, correlationId: request.correlationId, ...labels },
        ...{ ms: Math.round(reply.elapsedTime * 10) / 10, actor: request.actor?.id, from: request.ip },
      },
      'answered',
    );
    done();
    if (isProbe(route)) return;
    const { method, correlationId } = request;
    onAnswered?.({
      method,
      route,
      statusCode: reply.statusCode,
      durationMs: reply.elapsedTime,
      correlationId,
    });
  });
}
