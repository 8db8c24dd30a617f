import { createSecretKey } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from 'jose';
import { CodedError } from '../errors.ts';
import { type Clock, SECOND } from '../time.ts';
import type { Role } from './roles.ts';
import { CLOCK_TOLERANCE_SECONDS, readClaims, type VerifiedToken } from './token-claims.ts';
import { VerifiedTokens } from './verified-tokens.ts';
import type { IsRevoked } from './watch-revocations.ts';

/** The source of keys. Each kind has its own algorithms, so a token cannot choose how it is verified. */
export type TokenKeys = { secret: string; previousSecret?: string | undefined } | { jwksUrl: string };

export interface TokenOptions {
  keys: TokenKeys;
  clock: Clock;
  audience: string | undefined;
  issuer: string | undefined;
}

const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Messages for errors that are the token's fault. Every other error concerns the keys. */
const REFUSALS = new Map<string, string>([
  [errors.JWTExpired.code, 'The token has expired. Get a new one.'],
  [errors.JWSSignatureVerificationFailed.code, 'The signature of the token is wrong.'],
  [errors.JWKSNoMatchingKey.code, 'The token is signed with an unknown key.'],
  [errors.JWKSMultipleMatchingKeys.code, 'The token does not name its key ("kid").'],
  [errors.JOSEAlgNotAllowed.code, 'The token is signed with an algorithm that is not accepted.'],
  [errors.JOSENotSupported.code, 'The token is signed with an algorithm that is not accepted.'],
  [errors.JWSInvalid.code, 'This is not a signed JSON Web Token.'],
  [errors.JWTInvalid.code, 'This is not a signed JSON Web Token.'],
]);

interface VerifierOptions extends TokenOptions {
  /** The longest time from the issue of a token to its expiry, in milliseconds. */
  maxLifetime: number;
  isRevoked?: IsRevoked;
}

/** Creates a function that resolves to what a token says, or rejects with `unauthenticated` or `unavailable`. */
export function createTokenVerifier({
  keys,
  clock,
  audience,
  issuer,
  maxLifetime,
  isRevoked = () => false,
}: VerifierOptions): (token: string) => Promise<VerifiedToken> {
  const options = (): JWTVerifyOptions => ({
    algorithms: 'secret' in keys ? ['HS256'] : ASYMMETRIC,
    requiredClaims: ['sub', 'exp'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: new Date(clock.now()),
    ...(audience !== undefined && { audience }),
    ...(issuer !== undefined && { issuer }),
  });
  const verify =
    'secret' in keys
      ? withSecrets(keys.secret, keys.previousSecret)
      : withKeySet(
          createRemoteJWKSet(new URL(keys.jwksUrl), {
            timeoutDuration: 3 * SECOND,
            cooldownDuration: 5 * SECOND,
          }),
        );

  const verified = new VerifiedTokens();
  const read = async (text: string) => {
    try {
      const token = readClaims(await verify(text, options()), clock.now(), maxLifetime);
      verified.keep(text, token);
      return token;
    } catch (error) {
      throw asCoded(error);
    }
  };
  return async (text) => {
    const token = verified.find(text, clock.now()) ?? (await read(text));
    if (!isRevoked(token)) return token;
    throw new CodedError('unauthenticated', 'The token has been revoked. Get a new one.');
  };
}

type Verify = (token: string, options: JWTVerifyOptions) => Promise<JWTPayload>;

/** The previous secret is tried only for a signature that the present one has not made. */
function withSecrets(secret: string, previous: string | undefined): Verify {
  const verify = withSecret(secret);
  if (previous === undefined) return verify;
  const verifyPrevious = withSecret(previous);
  return (token, options) =>
    verify(token, options).catch((error) => {
      if (error instanceof errors.JWSSignatureVerificationFailed) return verifyPrevious(token, options);
      throw error;
    });
}

function withSecret(secret: string): Verify {
  const key = createSecretKey(secret, 'utf8');
  return async (token, options) => (await jwtVerify(token, key, options)).payload;
}

function withKeySet(keySet: ReturnType<typeof createRemoteJWKSet>): Verify {
  return async (token, options) => (await jwtVerify(token, keySet, options)).payload;
}

function asCoded(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new CodedError(
      'unauthenticated',
      `The claim "${error.claim}" of the token is ${error.reason === 'missing' ? 'missing' : 'wrong'}.`,
    );
  }
  const refusal = error instanceof errors.JOSEError ? REFUSALS.get(error.code) : undefined;
  if (refusal !== undefined) return new CodedError('unauthenticated', refusal, { cause: error });
  return new CodedError('unavailable', 'The keys that verify tokens cannot be loaded right now; try again.', {
    cause: error,
    retryAfterSeconds: 5,
  });
}

interface TokenClaims {
  subject: string;
  roles: readonly Role[];
  orgs: readonly string[];
  /** Milliseconds. */
  lifetime: number;
}

/** Signs a token with our own secret. `createTokenVerifier` accepts it with the same options. */
export async function signToken(
  secret: string,
  claims: TokenClaims,
  options: Omit<TokenOptions, 'keys'>,
): Promise<string> {
  const now = Math.floor(options.clock.now() / SECOND);
  const token = new SignJWT({ roles: claims.roles, orgs: claims.orgs })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(claims.subject)
    .setIssuedAt(now)
    .setExpirationTime(now + Math.floor(claims.lifetime / SECOND));
  if (options.audience !== undefined) token.setAudience(options.audience);
  if (options.issuer !== undefined) token.setIssuer(options.issuer);
  return token.sign(createSecretKey(secret, 'utf8'));
}
