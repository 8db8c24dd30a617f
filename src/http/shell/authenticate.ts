import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { type Actor, may, mayIn, orgsIn, resolveOrg } from '../../auth/actor.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import type { Capability } from '../../auth/roles.ts';
import type { LoginSessions } from '../../auth/sessions/login-sessions.ts';
import type { LoginSession } from '../../auth/sessions/session-row.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { guardCookie, type Site } from '../browser/browser-guard.ts';
import { readSessionCookie } from '../browser/session-cookie.ts';

/**
 * The org in which a caller needs the capability. `param`: the org in the path. `query`: the org in the query; without
 * one, all orgs together or the caller's only org. `optional`: the org in the query; without one, any of the caller's orgs.
 * `none`: any of the caller's orgs.
 */
type OrgChecked = 'param' | 'query' | 'optional' | 'none';

/**
 * Who may call a route: everybody, or actors with a capability. `basic`: the route also takes an API key as the password
 * of Basic authentication, for clients that know nothing else.
 */
export type Access = 'public' | { capability: Capability; org: OrgChecked; basic?: true };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** The actor who calls; `null` on a public route. */
    actor: Actor | null;
    /** The session whose cookie identified the actor; `null` for a token or an API key. */
    session: LoginSession | null;
    /** The org that the request is about, or `ALL_ORGS`; `null` on a route that checks no org. */
    orgId: string | null;
  }
}

/** The `config` of a route that everybody may call. */
export const isPublic = { access: 'public' } as const;

/** The `config` of a route that needs a capability. */
export function requires(capability: Capability, org: OrgChecked): { access: Access } {
  return { access: { capability, org } };
}

/** The actor who calls a route that is not public. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === null) throw new Error(`${request.routeOptions.url} is public and has no actor`);
  return request.actor;
}

/** The org that the request is about, on a route that checks one: `ALL_ORGS` for all together. */
export function orgOf(request: FastifyRequest): string {
  if (request.orgId === null) throw new Error(`${request.routeOptions.url} checks no org`);
  return request.orgId;
}

/** The orgs that a request of a route with an optional org is about: the one that it names, or all that the caller reaches. */
export function orgsOf(request: FastifyRequest, capability: Capability): readonly string[] | 'all' {
  const { orgId } = request;
  return orgId === null || orgId === ALL_ORGS ? orgsIn(actorOf(request), capability) : [orgId];
}

/** The org that the path or the query names. */
function orgNamed(request: FastifyRequest, place: 'param' | 'query'): string | undefined {
  const named = ((place === 'param' ? request.params : request.query) as { orgId?: unknown }).orgId;
  // An array means that it was given twice; the schema of the query refuses that.
  return typeof named === 'string' ? named : undefined;
}

interface AuthenticateOptions {
  authenticator: Authenticator;
  /** Verifies the cookies of browsers; without it, no cookie is accepted. */
  sessions?: Pick<LoginSessions, 'verify'> | undefined;
  site: Site;
}

/**
 * Authenticates and authorises each request before a byte of its body is read. Registering a route fails if the route
 * does not declare its `config.access`, or takes an org that it does not check.
 */
export function authenticateRequests(server: FastifyInstance, options: AuthenticateOptions): void {
  server.decorateRequest('actor', null);
  server.decorateRequest('session', null);
  server.decorateRequest('orgId', null);

  server.addHook('onRoute', checkDeclaration);

  server.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access;
    if (request.is404 || access === undefined || access === 'public') return;
    const actor = await identify(request, access.basic === true, options);
    request.actor = actor;
    if (!may(actor, access.capability)) {
      throw new CodedError(
        'forbidden',
        `This request needs a role with the capability ${access.capability}. Your roles: ${actor.roles.join(', ') || 'none'}.`,
      );
    }
    if (access.org === 'none') return;
    const named = orgNamed(request, access.org === 'param' ? 'param' : 'query');
    if (access.org === 'optional' && named === undefined) return;
    request.orgId = access.org === 'param' ? (named ?? '') : resolveOrg(actor, access.capability, named);
    if (!mayIn(actor, access.capability, request.orgId)) {
      throw new CodedError('forbidden', 'You are not a member of this org.', {
        faults: [{ path: 'orgId', message: 'is not one of your orgs' }],
      });
    }
  });
}

/** A token or an API key counts before a cookie, and needs no protection against other sites. */
async function identify(
  request: FastifyRequest,
  takesBasic: boolean,
  { authenticator, sessions, site }: AuthenticateOptions,
): Promise<Actor> {
  const apiKey = request.headers['x-api-key'];
  const { authorization } = request.headers;
  const cookie = authorization === undefined && apiKey === undefined ? readSessionCookie(request) : undefined;
  if (cookie !== undefined && sessions !== undefined) {
    guardCookie(request, site);
    request.session = await sessions.verify(cookie);
    return request.session.actor;
  }
  const password = takesBasic ? passwordOf(authorization) : undefined;
  return authenticator({
    authorization: password === undefined ? authorization : undefined,
    apiKey: password ?? (typeof apiKey === 'string' ? apiKey : undefined),
  });
}

/** The password of Basic authentication; `undefined` if the header is of another kind. */
function passwordOf(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic +([\w+/=-]+) *$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

function checkDeclaration({ method, url, config, schema }: RouteOptions): void {
  const access = config?.access;
  if (access === undefined)
    throw new Error(`${method} ${url} does not declare who may call it (config.access)`);
  const checksPath = access !== 'public' && access.org === 'param';
  if (checksPath !== url.includes('/:orgId'))
    throw new Error(`${method} ${url} must check the org of its path`);
  const query = schema?.querystring as { properties?: object } | undefined;
  const checksQuery = access !== 'public' && ['query', 'optional'].includes(access.org);
  if (checksQuery !== Object.hasOwn(query?.properties ?? {}, 'orgId'))
    throw new Error(`${method} ${url} must check the org of its query`);
}
