import type { FastifyInstance } from 'fastify';
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
  metrics: Pick<Metrics, 'requestSeconds'>;
  /** Called after every answer, except for probes and scrapes. */
  onAnswered?: (request: AnsweredRequest) => void;
}

/** Gives every answer its ids and security headers, and records every request in the log and the metrics. */
export function observeRequests(server: FastifyInstance, { metrics, onAnswered }: ObserveOptions): void {
  server.decorateRequest('correlationId', '');

  server.addHook('onRequest', async (request, reply) => {
    request.correlationId = correlationIdOf(request.raw, request.id);
    reply.headers({
      ...SECURITY_HEADERS,
      'x-request-id': request.id,
      'x-correlation-id': request.correlationId,
    });
  });

  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route, status: reply.statusCode };
    metrics.requestSeconds.observe(labels, reply.elapsedTime / 1_000);
    const level = isProbe(route) ? 'debug' : 'info';
    request.log[level](
      { ...labels, ms: Math.round(reply.elapsedTime * 10) / 10, actor: request.actor?.id, from: request.ip },
      'answered',
    );
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
