import { CodedError } from '../errors.ts';
import type { Actor } from './actor.ts';

/** The credentials of a request, as sent. */
export interface Credentials {
  /** The `Authorization` header. */
  authorization: string | undefined;
  /** The `X-API-Key` header. */
  apiKey: string | undefined;
}

/** Resolves to the caller. Rejects with `unauthenticated`, or with `unavailable` when credentials cannot be checked. */
export type Authenticator = (credentials: Credentials) => Promise<Actor>;

interface Verifiers {
  verifyToken(token: string): Promise<{ actor: Actor }>;
  verifyApiKey(key: string): Promise<Actor>;
}

/** Accepts a bearer token or an API key. If both are sent, the token counts. A bearer token may be an API key, too. */
export function createAuthenticator({ verifyToken, verifyApiKey }: Verifiers): Authenticator {
  return async ({ authorization, apiKey }) => {
    if (authorization !== undefined) {
      const [, token] = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization) ?? [];
      if (token === undefined)
        throw new CodedError('unauthenticated', 'The Authorization header must be "Bearer <token>".');
      return token.startsWith('tmk_') ? verifyApiKey(token) : (await verifyToken(token)).actor;
    }
    if (apiKey !== undefined) return verifyApiKey(apiKey);
    throw new CodedError(
      'unauthenticated',
      'Send a token as "Authorization: Bearer <token>" or an API key as "X-API-Key".',
    );
  };
}
