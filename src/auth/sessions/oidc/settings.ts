import { type Config, ConfigError } from '../../../config.ts';
import type { Fault } from '../../../errors.ts';
import { isLoopback } from '../../../loopback.ts';
import { isRole, type Role, roles } from '../../roles.ts';

/** The provider of OpenID Connect, and what its claims mean. */
export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  scopes: string;
  rolesClaim: string;
  orgsClaim: string;
  /** Role of each value of the roles claim; empty: the values are names of roles. */
  roleMap: ReadonlyMap<string, readonly Role[]>;
  /** The role of a person to whom the claims give none; `undefined`: that person is refused. */
  defaultRole: Role | undefined;
  label: string;
  /** Without a slash at its end. The provider sends browsers back to a path below it. */
  publicUrl: string;
}

/** The settings of OpenID Connect; `undefined` if it is not set up. @throws {ConfigError} naming every fault */
export function oidcSettingsOf(config: Config): OidcSettings | undefined {
  const { oidcIssuer: issuer, oidcClientId: clientId, publicUrl = '' } = config;
  const faults = faultsOf(config);
  if (faults.length > 0) throw new ConfigError(faults);
  if (issuer === undefined || clientId === undefined) return undefined;
  const roleMap = new Map<string, Role[]>();
  for (const { value, role } of config.oidcRoleMap)
    if (isRole(role)) roleMap.set(value, [...(roleMap.get(value) ?? []), role]);
  const { oidcDefaultRole: role } = config;
  return {
    ...{ issuer, clientId, clientSecret: config.oidcClientSecret, scopes: config.oidcScopes, roleMap },
    ...{ rolesClaim: config.oidcRolesClaim, orgsClaim: config.oidcOrgsClaim, label: config.oidcLabel },
    defaultRole: role !== undefined && isRole(role) ? role : undefined,
    publicUrl: publicUrl.replace(/\/+$/, ''),
  };
}

function faultsOf(config: Config): Fault[] {
  const { oidcIssuer, oidcClientId, oidcDefaultRole, publicUrl } = config;
  const faults: Fault[] = [];
  const known = `must be one of ${roles.join(', ')}`;
  if ((oidcIssuer === undefined) !== (oidcClientId === undefined))
    faults.push({
      path: 'OIDC_CLIENT_ID',
      message: 'and OIDC_ISSUER belong together; set both, or unset both',
    });
  if (oidcIssuer !== undefined && publicUrl === undefined) {
    const message = 'is required with OIDC_ISSUER, because the provider sends browsers back to it';
    faults.push({ path: 'PUBLIC_URL', message });
  }
  if (oidcIssuer !== undefined && publicUrl !== undefined && !isSafe(publicUrl)) {
    const message =
      'must start with https:// with OIDC_ISSUER, because browsers keep no session over plain HTTP';
    faults.push({ path: 'PUBLIC_URL', message });
  }
  if (oidcIssuer !== undefined && !isSafe(oidcIssuer))
    faults.push({ path: 'OIDC_ISSUER', message: 'must start with https://, except on this machine' });
  if (oidcDefaultRole !== undefined && !isRole(oidcDefaultRole))
    faults.push({
      path: 'OIDC_DEFAULT_ROLE',
      message: `${JSON.stringify(oidcDefaultRole)} is no role; it ${known}`,
    });
  for (const { role } of config.oidcRoleMap.filter((entry) => !isRole(entry.role)))
    faults.push({ path: 'OIDC_ROLE_MAP', message: `${JSON.stringify(role)} is no role; each ${known}` });
  return faults;
}

/** Whether an address is encrypted, or on this machine. */
function isSafe(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || isLoopback(hostname);
}
