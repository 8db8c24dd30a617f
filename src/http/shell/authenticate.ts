import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Actor, may, mayIn, resolveOrg } from '../../auth/actor.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import type { Capability } from '../../auth/roles.ts';
import { CodedError } from '../../errors.ts';

/**
 * Who may call a route: everybody, or actors with a capability: in the org of the path (`param`), in that of the
 * query (`query`; without one, in all orgs together or their only one), or in any of theirs (`none`).
 */
export type Access = 'public' | { capability: Capability; org: 'param' | 'query' | 'none' };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** The caller. Only a public route has none. */
    actor: Actor | null;
    /** The org whose figures are asked for, or all of them. Only routes that check it have one. */
    orgId: string | null;
  }
}

/** The caller of a route that is not public. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === null) throw new Error(`${request.routeOptions.url} is public and has no actor`);
  return request.actor;
}

/** The org of a route that checks one: `ALL_ORGS` for all together. */
export function orgOf(request: FastifyRequest): string {
  if (request.orgId === null) throw new Error(`${request.routeOptions.url} checks no org`);
  return request.orgId;
}

/** The org that the path or the query names. */
function orgNamed(request: FastifyRequest, place: 'param' | 'query'): string | undefined {
  const named = ((place === 'param' ? request.params : request.query) as { orgId?: unknown }).orgId;
  // One that was given twice is refused with the rest of the query.
  return typeof named === 'string' ? named : undefined;
}

/**
 * Finds out who calls and whether they may, before a byte of the body is read. A route that does not
 * declare its `config.access`, or has an org in its path and does not check it, fails to register.
 */
export function authenticateRequests(server: FastifyInstance, authenticator: Authenticator): void {
  server.decorateRequest('actor', null);
  server.decorateRequest('orgId', null);

  server.addHook('onRoute', ({ method, url, config, schema }) => {
    const access = config?.access;
    if (access === undefined)
      throw new Error(`${method} ${url} does not declare who may call it (config.access)`);
    const checksOrg = access !== 'public' && access.org === 'param';
    if (checksOrg !== url.includes('/:orgId'))
      throw new Error(`${method} ${url} must check the org of its path`);
    const query = schema?.querystring as { properties?: object } | undefined;
    const ofQuery = access !== 'public' && access.org === 'query';
    if (ofQuery !== Object.hasOwn(query?.properties ?? {}, 'orgId'))
      throw new Error(`${method} ${url} must check the org of its query`);
  });

  server.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access;
    if (request.is404 || access === undefined || access === 'public') return;
    const apiKey = request.headers['x-api-key'];
    const actor = await authenticator({
      authorization: request.headers.authorization,
      apiKey: typeof apiKey === 'string' ? apiKey : undefined,
    });
    request.actor = actor;
    if (!may(actor, access.capability)) {
      throw new CodedError(
        'forbidden',
        `This needs a role that may ${access.capability}; yours: ${actor.roles.join(', ') || 'none'}.`,
      );
    }
    if (access.org === 'none') return;
    const named = orgNamed(request, access.org);
    request.orgId = access.org === 'param' ? (named ?? '') : resolveOrg(actor, access.capability, named);
    if (!mayIn(actor, access.capability, request.orgId)) {
      throw new CodedError('forbidden', 'You are not a member of this org.', {
        faults: [{ path: 'orgId', message: 'is not one of your orgs' }],
      });
    }
  });
}
