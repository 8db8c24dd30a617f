import { refuse } from '../errors.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { type Capability, grantOf, type Role } from './roles.ts';

/**
 * How a person or program proved who it is. A browser that is signed in keeps this kind, so that a session and the key or
 * token that started it share their limits.
 */
export type SignInKind = 'jwt' | 'api_key' | 'oidc' | 'login_link';

/** The identity of a caller. */
export interface Actor {
  /** The token's subject, the API key's id, or the issuer and subject of OpenID Connect. */
  id: string;
  roles: readonly Role[];
  /** The orgs the caller belongs to. */
  orgs: readonly string[];
  via: SignInKind | 'command_line' | 'link' | 'schedule' | 'nobody';
}

/** Whether one of the caller's roles has the capability in some org. */
export function may(actor: Actor, capability: Capability): boolean {
  return actor.roles.some((role) => grantOf(role).may.includes(capability));
}

/** Whether one of the caller's roles has the capability in this org, or in all orgs together (`ALL_ORGS`). */
export function mayIn(actor: Actor, capability: Capability, orgId: string): boolean {
  return actor.roles.some((role) => {
    const grant = grantOf(role);
    if (!grant.may.includes(capability)) return false;
    return grant.orgs === 'all' || (orgId !== ALL_ORGS && actor.orgs.includes(orgId));
  });
}

/** The orgs in which one of the caller's roles has the capability. */
export function orgsIn(actor: Actor, capability: Capability): readonly string[] | 'all' {
  if (mayIn(actor, capability, ALL_ORGS)) return 'all';
  return may(actor, capability) ? actor.orgs : [];
}

/**
 * The org of a request that may name one. The default is all orgs together for a caller who reaches all, and otherwise
 * the caller's only org.
 * @throws {CodedError} `invalid_request` when the caller belongs to several orgs, or to none
 */
export function resolveOrg(actor: Actor, capability: Capability, requested: string | undefined): string {
  if (requested !== undefined) return requested;
  if (mayIn(actor, capability, ALL_ORGS)) return ALL_ORGS;
  const [only, ...others] = actor.orgs;
  if (only !== undefined && others.length === 0) return only;
  const message = `must name one of your orgs: ${actor.orgs.join(', ') || 'you have none'}`;
  throw refuse('In the query', [{ path: 'orgId', message }]);
}

/** Whether the caller may send events of this org. */
export function canIngestFor(actor: Actor, orgId: string): boolean {
  return mayIn(actor, 'events:write', orgId);
}

/**
 * Who a caller's share of common limits belongs to: its org if it has exactly one, otherwise the caller itself. So the
 * keys of one org share what the org may use.
 */
export function shareOwnerOf({ orgs, via, id }: Actor): string {
  const [only, ...others] = orgs;
  return only !== undefined && others.length === 0 ? `org:${only}` : `${via}:${id}`;
}

/** Whether reads of this org must be audited, because it is not one of the caller's own. */
export function reachesBeyondOwnOrgs(actor: Actor, orgId: string): boolean {
  return !actor.orgs.includes(orgId);
}
