import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

const CLIENT = { id: 'tidemark', secret: 'a secret of the tests' } as const;

/** A person whom the provider knows, with the claims about that person. */
export type Person = Record<string, unknown>;

export interface IdentityProvider {
  issuer: string;
  people: Map<string, Person>;
  /** Who signs in next; `undefined`: whoever it is cancels. */
  person: string | undefined;
  stop(): Promise<void>;
}

interface ProviderOptions {
  publicUrl: string;
  /** Whether roles and orgs are in the ID token, and not at the userinfo endpoint only. */
  inIdToken: boolean;
}

/** The settings of a service at the address that signs people in with the provider. */
export function settingsOf({ issuer }: IdentityProvider, publicUrl: string) {
  return {
    PUBLIC_URL: publicUrl,
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    OIDC_LABEL: 'Example',
  };
}

/** A real provider of OpenID Connect on loopback. Its login page lets `person` in at once. */
export async function startIdentityProvider({
  publicUrl,
  inIdToken,
}: ProviderOptions): Promise<IdentityProvider> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const running: IdentityProvider = {
    ...{ issuer, people: new Map(), person: undefined },
    stop: () => stopServer(server),
  };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [`${publicUrl}/auth/callback`],
        post_logout_redirect_uris: [`${publicUrl}/console/login`],
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'roles', 'orgs', 'realm_access'], email: ['email'] },
    conformIdTokenClaims: !inIdToken,
    cookies: { keys: ['a key of the tests'] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: async (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, ...running.people.get(sub) }),
    }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: CLIENT.id,
        accountId: oidc.account?.accountId ?? '',
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next();
    const result =
      running.person === undefined
        ? { error: 'access_denied', error_description: 'the person cancelled' }
        : { login: { accountId: running.person } };
    context.redirect(await provider.interactionResult(context.req, context.res, result));
  });
  server.on('request', provider.callback());
  return running;
}

async function stopServer(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  if (server.listening) await once(server, 'close');
}
