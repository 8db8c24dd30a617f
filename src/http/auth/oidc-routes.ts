import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { LoginSessions } from '../../auth/sessions/login-sessions.ts';
import { beginSignIn, completeSignIn, type OidcSource } from '../../auth/sessions/oidc/oidc-sign-in.ts';
import { OidcRefusal, type RefusalReason } from '../../auth/sessions/oidc/refusal.ts';
import { CodedError, type ErrorCode } from '../../errors.ts';
import { guardHost, type Site } from '../browser/browser-guard.ts';
import {
  type CookieKind,
  clearedSessionCookies,
  cookieKindAt,
  readSessionCookie,
  sessionCookie,
} from '../browser/session-cookie.ts';
import { clearedStateCookies, readStateCookie, stateCookies } from '../browser/state-cookie.ts';
import { isPublic } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { deviceOf, routeOf } from './device.ts';

export interface OidcRoutesOptions {
  site: Site;
  /** `undefined`: no provider is set up. */
  oidc: OidcSource | undefined;
  sessions: LoginSessions;
}

/** Why a browser lands on the login page. */
type Reason = RefusalReason | 'rate_limited' | 'unavailable' | 'not_local' | 'other_site';

const REASONS: Partial<Record<ErrorCode, Reason>> = {
  rate_limited: 'rate_limited',
  unavailable: 'unavailable',
  forbidden: 'not_local',
};

/** Browsers go to the provider and come back here. Each failure leads to the login page, with the reason. */
export function registerOidcRoutes(server: Server, options: OidcRoutesOptions): void {
  server.register((routes: Server, _options, done) => {
    // The form of a button for signing out has no fields.
    routes.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async () => ({}));
    routes.setErrorHandler((error, request, reply) => refuse(options, { error, request, reply }));
    routes.addHook('preHandler', async (request) => guardHost(request, options.site));
    routes.get('/auth/login', loginRoute, (request, reply) => begin(options, request, reply));
    routes.get('/auth/callback', callbackRoute, (request, reply) => complete(options, request, reply));
    routes.get('/auth/logout', logoutRoute, (request, reply) => signOut(options, request, reply));
    routes.post('/auth/logout', { ...logoutRoute, bodyLimit: 1_000 }, (request, reply) =>
      signOut(options, request, reply),
    );
    done();
  });
}

const loginRoute = {
  config: isPublic,
  schema: {
    hide: true,
    querystring: Type.Object({ returnTo: Type.Optional(Type.String({ maxLength: 2_000 })) }),
  },
};

async function begin(
  { oidc }: OidcRoutesOptions,
  request: RequestTo<typeof loginRoute>,
  reply: FastifyReply,
) {
  if (oidc === undefined) throw new OidcRefusal('no_provider', 'OIDC_ISSUER is not set');
  const { url, state, sealed } = await beginSignIn(oidc, request.query.returnTo);
  const kind = kindOf(oidc);
  return reply
    .header('set-cookie', stateCookies(kind, request.headers.cookie, { state, sealed }))
    .redirect(url.href);
}

/** Providers add parameters of their own, such as `session_state`. */
const callbackRoute = {
  config: { ...isPublic, isSignIn: true },
  schema: { hide: true, querystring: Type.Object({}, { patternProperties: { '^.*$': Type.Unknown() } }) },
};

async function complete(
  { oidc, sessions }: OidcRoutesOptions,
  request: RequestTo<typeof callbackRoute>,
  reply: FastifyReply,
) {
  if (oidc === undefined) throw new OidcRefusal('no_provider', 'OIDC_ISSUER is not set');
  const query = new URLSearchParams(request.url.slice(request.url.indexOf('?') + 1));
  const kind = kindOf(oidc);
  const state = query.get('state') ?? '';
  // The cookie of a sign-in is used up, whatever comes of it.
  reply.header('set-cookie', clearedStateCookies(kind, request.headers.cookie, state));
  const sealed = readStateCookie(kind, request.headers.cookie, state);
  const previous = readSessionCookie(request);
  const done = await completeSignIn(oidc, { query, sealed }, deviceOf(request), routeOf(request));
  if (previous !== undefined) await sessions.endOwn(previous, routeOf(request));
  const lifetime = { now: oidc.clock.now(), expiresAt: done.session.expiresAt };
  return reply
    .header('set-cookie', sessionCookie(kind, done.token, lifetime))
    .redirect(`${oidc.settings.publicUrl}${done.returnTo}`);
}

const logoutRoute = { config: isPublic, schema: { hide: true } };

/** Ends the session, and then that at the provider, if the provider has a page for it. */
async function signOut(
  { oidc, sessions, site }: OidcRoutesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const fetchSite = request.headers['sec-fetch-site'];
  if (fetchSite === 'cross-site' || fetchSite === 'same-site')
    return redirectToLogin(site, reply, 'other_site');
  const token = readSessionCookie(request);
  const ended = token === undefined ? undefined : await sessions.endOwn(token, routeOf(request));
  reply.header('set-cookie', clearedSessionCookies());
  const url = ended?.actor.via === 'oidc' ? await oidc?.provider.endSessionUrl(ended.idToken) : undefined;
  return url === undefined ? redirectToLogin(site, reply) : reply.redirect(url.href);
}

/** The address of browsers is that of PUBLIC_URL, whatever the request says. */
function kindOf({ settings }: OidcSource): CookieKind {
  return cookieKindAt(settings.publicUrl) ?? 'secure';
}

interface Failure {
  error: unknown;
  request: FastifyRequest;
  reply: FastifyReply;
}

function refuse({ site }: OidcRoutesOptions, { error, request, reply }: Failure): FastifyReply {
  if (error instanceof OidcRefusal) {
    request.log.warn({ err: error.cause, reason: error.reason }, `a sign-in was refused: ${error.message}`);
    return redirectToLogin(site, reply, error.reason);
  }
  const reason = error instanceof CodedError ? REASONS[error.code] : undefined;
  if (reason === undefined || reason === 'not_local') throw error;
  return redirectToLogin(site, reply, reason);
}

/** Without PUBLIC_URL, the address is relative to `/auth/…`, so it works behind a proxy that serves us below a path. */
function redirectToLogin({ publicUrl }: Site, reply: FastifyReply, reason?: Reason): FastifyReply {
  const base = publicUrl === undefined ? '..' : publicUrl.replace(/\/+$/, '');
  return reply.redirect(`${base}/console/login${reason === undefined ? '' : `?reason=${reason}`}`);
}
