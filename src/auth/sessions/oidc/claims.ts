import { ALL_ORGS } from '../../../events/all-orgs.ts';
import { isStorable } from '../../../plain-text.ts';
import type { Actor } from '../../actor.ts';
import { isRole, type Role } from '../../roles.ts';
import type { OidcSettings } from './settings.ts';

export type Claims = Readonly<Record<string, unknown>>;

const LONGEST_ORG = 200;

/**
 * The actor whom claims describe. The provider says at each sign-in which roles and orgs a person has. An e-mail address
 * is no identity: the issuer and the subject are. Pure.
 */
export function readIdentity(
  claims: Claims & { iss: string; sub: string },
  settings: Pick<OidcSettings, 'rolesClaim' | 'orgsClaim' | 'roleMap' | 'defaultRole'>,
): { actor: Actor & { via: 'oidc' }; name: string } {
  const given = rolesOf(textsOf(claimAt(claims, settings.rolesClaim)), settings.roleMap);
  const roles = given.length === 0 && settings.defaultRole !== undefined ? [settings.defaultRole] : given;
  const orgs = textsOf(claimAt(claims, settings.orgsClaim)).filter(isOrg);
  const name = [claims.name, claims.preferred_username, claims.email].find(
    (value) => typeof value === 'string' && value.trim() !== '',
  );
  return {
    // An issuer has no fragment, so no two pairs give the same id.
    actor: { id: `${claims.iss}#${claims.sub}`, roles, orgs: [...new Set(orgs)], via: 'oidc' },
    name: typeof name === 'string' ? name : claims.sub,
  };
}

/** A claim by its name, such as `https://example.com/roles`, or by a path into objects, such as `realm_access.roles`. */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Claims)[step];
  }
  return value;
}

/** A claim of one value may be a text instead of a list. */
function textsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((entry) => typeof entry === 'string');
}

function rolesOf(values: readonly string[], roleMap: OidcSettings['roleMap']): Role[] {
  const found =
    roleMap.size === 0 ? values.filter(isRole) : values.flatMap((value) => roleMap.get(value) ?? []);
  return [...new Set(found)];
}

function isOrg(name: string): boolean {
  return name !== '' && name !== ALL_ORGS && name.length <= LONGEST_ORG && isStorable(name);
}
