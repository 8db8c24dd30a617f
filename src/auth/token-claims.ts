import type { JWTPayload } from 'jose';
import { CodedError } from '../errors.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { isStorable } from '../plain-text.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts';
import type { Actor } from './actor.ts';
import { isRole } from './roles.ts';

/** The clocks of the issuer and of this machine may differ by so much. */
export const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_SUBJECT_LENGTH = 200;

/** What a token says, once its signature is verified. Times are in milliseconds. */
export interface VerifiedToken {
  actor: Actor;
  /** `undefined`: the token does not say. */
  issuedAt: number | undefined;
  expiresAt: number;
}

/**
 * Reads the claims of a token. Unknown roles are ignored, because an identity provider may serve other applications too.
 * @param maxLifetime milliseconds from the issue of a token, or else from now, to its expiry
 * @throws {CodedError} `unauthenticated`
 */
export function readClaims(claims: JWTPayload, now: number, maxLifetime: number): VerifiedToken {
  const { sub, roles, orgs = [] } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_LENGTH || !isStorable(sub)) {
    throw refuse(
      `The claim "sub" of the token must be 1 to ${MAX_SUBJECT_LENGTH} characters, without NUL and lone surrogates.`,
    );
  }
  const ownOrgs = texts('orgs', orgs);
  if (ownOrgs.includes(ALL_ORGS)) {
    throw refuse(
      `The claim "orgs" of the token must name each org. "${ALL_ORGS}" is not an org; use the role admin to reach all.`,
    );
  }
  const actor: Actor = { id: sub, roles: texts('roles', roles).filter(isRole), orgs: ownOrgs, via: 'jwt' };
  return { actor, ...readLifetime(claims, now, maxLifetime) };
}

function readLifetime({ iat, exp = Infinity }: JWTPayload, now: number, maxLifetime: number) {
  const issuedAt = iat === undefined ? undefined : iat * SECOND;
  const expiresAt = exp * SECOND;
  if (issuedAt !== undefined && !(issuedAt <= now + CLOCK_TOLERANCE_SECONDS * SECOND)) {
    throw refuse('The claim "iat" of the token is in the future.');
  }
  if (!(expiresAt - (issuedAt ?? now) <= maxLifetime)) {
    const longest = describeDuration(maxLifetime);
    throw refuse(
      `The token must expire within ${longest} of its issue (its claims "exp" and "iat"). Get one that does.`,
    );
  }
  return { issuedAt, expiresAt };
}

/** A duration in the largest unit that it is a whole number of, such as `90 days`. */
export function describeDuration(milliseconds: number): string {
  const units = [
    ['days', DAY],
    ['hours', HOUR],
    ['minutes', MINUTE],
  ] as const;
  for (const [name, length] of units) {
    if (milliseconds % length === 0) return `${milliseconds / length} ${name}`;
  }
  return `${Math.floor(milliseconds / SECOND)} seconds`;
}

function texts(claim: string, value: unknown): string[] {
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string' && isStorable(entry))) {
    return value;
  }
  throw refuse(
    `The claim "${claim}" of the token must be an array of strings, without NUL and lone surrogates.`,
  );
}

function refuse(detail: string): CodedError {
  return new CodedError('unauthenticated', detail);
}
