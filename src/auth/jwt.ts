import { createSecretKey } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from 'jose';
import { CodedError } from '../errors.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { type Clock, SECOND } from '../time.ts';
import type { Actor } from './actor.ts';
import { isRole, type Role } from './roles.ts';

/** The source of keys. Each kind has its own algorithms, so a token cannot choose how it is verified. */
export type TokenKeys = { secret: string } | { jwksUrl: string };

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
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_SUBJECT_LENGTH = 200;

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

/** Creates a function that resolves to the actor of a token, or rejects with `unauthenticated` or `unavailable`. */
export function createTokenVerifier({
  keys,
  clock,
  audience,
  issuer,
}: TokenOptions): (token: string) => Promise<Actor> {
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
      ? withSecret(keys.secret)
      : withKeySet(
          createRemoteJWKSet(new URL(keys.jwksUrl), {
            timeoutDuration: 3 * SECOND,
            cooldownDuration: 5 * SECOND,
          }),
        );

  return async (token) => {
    try {
      return actorOfClaims(await verify(token, options()));
    } catch (error) {
      throw asCoded(error);
    }
  };
}

type Verify = (token: string, options: JWTVerifyOptions) => Promise<JWTPayload>;

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

/** Unknown roles are ignored, because an identity provider may serve other applications too. */
function actorOfClaims({ sub, roles, orgs = [] }: JWTPayload & { roles?: unknown; orgs?: unknown }): Actor {
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_LENGTH || sub.includes('\0')) {
    const detail = `The claim "sub" of the token must be 1 to ${MAX_SUBJECT_LENGTH} characters without NUL.`;
    throw new CodedError('unauthenticated', detail);
  }
  const ownOrgs = texts('orgs', orgs);
  if (ownOrgs.includes(ALL_ORGS)) {
    const detail = `The claim "orgs" of the token must name each org. "${ALL_ORGS}" is not an org; use the role admin to reach all.`;
    throw new CodedError('unauthenticated', detail);
  }
  return { id: sub, roles: texts('roles', roles).filter(isRole), orgs: ownOrgs, via: 'jwt' };
}

function texts(claim: string, value: unknown): string[] {
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
  throw new CodedError('unauthenticated', `The claim "${claim}" of the token must be an array of strings.`);
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
