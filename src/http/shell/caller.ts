import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../auth/actor.ts';
import type { Caller } from '../../auth/caller.ts';
import { actorOf } from './authenticate.ts';

/**
 * Who sends the request and by which route, as verbs and the audit log take it.
 * @param actor for a public route, which has no actor of its own
 */
export function callerOf(request: FastifyRequest, actor: Actor = actorOf(request)): Caller {
  return { actor, route: `${request.method} ${request.routeOptions.url}`, requestId: request.id };
}
