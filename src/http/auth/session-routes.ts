import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type Proof, type SignInSource, signIn } from '../../auth/sessions/sign-in.ts';
import { CodedError, refuse } from '../../errors.ts';
import { guardSignIn, type Site } from '../browser/browser-guard.ts';
import {
  type CookieKind,
  clearedSessionCookies,
  cookieKindAt,
  readSessionCookie,
  sessionCookie,
} from '../browser/session-cookie.ts';
import { isPublic, requires } from '../shell/authenticate.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import { deviceOf, routeOf } from './device.ts';
import { describeOwn, OwnSession } from './session-schema.ts';

const PATH = '/console/session';
const tags = ['Console'];

export interface SessionRoutesOptions extends SignInSource {
  site: Site;
  /** The words for a provider of OpenID Connect, if one is set up. */
  oidcLabel: string | undefined;
}

/** Signing a browser in and out, for the console. */
export function registerSessionRoutes(server: Server, options: SessionRoutesOptions): void {
  server.get(PATH, ownRoute, async (request) => {
    if (request.session) return describeOwn(request.session);
    throw new CodedError('unauthenticated', 'You are signed in with a token or a key, not with a session.');
  });
  server.get('/console/sign-in', waysRoute, async () => ({
    oidc: options.oidcLabel === undefined ? null : { label: options.oidcLabel },
    tokens: true,
    code: options.site.isLocal,
  }));
  server.post(PATH, signInRoute, (request, reply) => start(options, request, reply));
  server.delete(PATH, signOutRoute, (request, reply) => end(options, request, reply));
}

const ownRoute = {
  config: requires('self:read', 'none'),
  schema: { tags, summary: 'The session of this browser', response: { 200: OwnSession } },
};

const waysRoute = {
  config: isPublic,
  schema: {
    tags,
    summary: 'The ways to sign in that are set up',
    response: {
      200: Type.Object({
        oidc: Type.Union(
          [Type.Object({ label: Type.String({ description: 'The name of the provider.' }) }), Type.Null()],
          {
            description: 'The provider of OpenID Connect at GET /auth/login; null: none is set up.',
          },
        ),
        tokens: Type.Boolean({ description: 'Whether a token or an API key may be pasted.' }),
        code: Type.Boolean({ description: 'Whether the start of the service prints a link that signs in.' }),
      }),
    },
  },
};

function secret(description: string) {
  return Type.Optional(Type.String({ minLength: 1, maxLength: 20_000, description }));
}

const signInRoute = {
  config: { ...isPublic, isSignIn: true },
  bodyLimit: 50_000,
  schema: {
    tags,
    summary: 'Sign this browser in',
    description:
      'Give one of the three. The answer sets a cookie, which all paths accept. It is Secure; over plain HTTP a browser ' +
      'signs in on this machine only.',
    body: Type.Object(
      {
        code: secret('The code of a one-time link, after `#code=`.'),
        token: secret('A token.'),
        apiKey: secret('An API key.'),
      },
      { additionalProperties: false },
    ),
    response: { 201: OwnSession },
  },
};

async function start(
  options: SessionRoutesOptions,
  request: RequestTo<typeof signInRoute>,
  reply: ReplyTo<typeof signInRoute>,
) {
  guardSignIn(request, options.site);
  const kind = cookieKindOf(request, options.site);
  const proof = proofOf(request.body);
  const previous = readSessionCookie(request);
  const { token, session } = await signIn(options, proof, deviceOf(request), routeOf(request));
  if (previous !== undefined) await options.sessions.endOwn(previous, routeOf(request));
  const lifetime = { now: options.clock.now(), expiresAt: session.expiresAt };
  return reply
    .code(201)
    .header('set-cookie', sessionCookie(kind, token, lifetime))
    .send(describeOwn(session));
}

function proofOf({ code, token, apiKey }: RequestTo<typeof signInRoute>['body']): Proof {
  const given: Proof[] = [
    ...(code === undefined ? [] : [{ code }]),
    ...(token === undefined ? [] : [{ token }]),
    ...(apiKey === undefined ? [] : [{ apiKey }]),
  ];
  const [proof, ...others] = given;
  if (proof !== undefined && others.length === 0) return proof;
  throw refuse('In the body', [{ path: '$', message: 'must have one of code, token and apiKey' }]);
}

/** The cookie that the browser will keep: it depends on the address that the browser sees. */
function cookieKindOf(request: FastifyRequest, { publicUrl }: Site): CookieKind {
  const { origin } = request.headers;
  const kind = cookieKindAt(origin ?? publicUrl ?? `${request.protocol}://${request.host}`);
  if (kind !== undefined) return kind;
  throw new CodedError(
    'forbidden',
    'Over plain HTTP, a browser can sign in on this machine only, because others could read its cookie. Serve the console over HTTPS, and set PUBLIC_URL to that address.',
  );
}

const signOutRoute = {
  config: isPublic,
  schema: {
    tags,
    summary: 'Sign this browser out',
    description: 'It ends the session of the cookie, if there is one, and removes the cookie.',
    response: { 204: Type.Null({ description: 'The browser is signed out.' }) },
  },
};

async function end(
  { sessions, site }: SessionRoutesOptions,
  request: RequestTo<typeof signOutRoute>,
  reply: ReplyTo<typeof signOutRoute>,
) {
  guardSignIn(request, site);
  const token = readSessionCookie(request);
  if (token !== undefined) await sessions.endOwn(token, routeOf(request));
  return reply.code(204).header('set-cookie', clearedSessionCookies()).send(null);
}
