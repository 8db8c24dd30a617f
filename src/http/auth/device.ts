import type { FastifyRequest } from 'fastify';
import type { Device } from '../../auth/sessions/start-session.ts';

/** The browser that sends a request. */
export function deviceOf(request: FastifyRequest): Device {
  return { userAgent: request.headers['user-agent'], address: request.ip };
}

/** The route and the id of a request, for entries of the audit log whose actor is not the caller of the route. */
export function routeOf(request: FastifyRequest): { route: string; requestId: string } {
  return { route: `${request.method} ${request.routeOptions.url}`, requestId: request.id };
}
