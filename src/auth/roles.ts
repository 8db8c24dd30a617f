/** What a caller may be allowed to do. Each route names the capability it needs. */
export const capabilities = [
  'events:write',
  'events:read',
  'usage:read',
  'reliability:read',
  'dashboard:read',
  'platform:read',
  'business:read',
  'alerts:read',
  'alerts:write',
  'exports:read',
  'exports:write',
  'keys:manage',
  'prices:manage',
  'orgs:manage',
  'audit:read',
  'self:read',
] as const;

export type Capability = (typeof capabilities)[number];

interface RoleGrant {
  /** Whether the role reaches every org, or only those of its holder. */
  orgs: 'all' | 'own';
  may: readonly Capability[];
}

/** The capabilities of each role. */
export const roleTable = {
  /** All capabilities in all orgs. Reads outside its own orgs are audited. */
  admin: { orgs: 'all', may: capabilities },
  org_admin: {
    orgs: 'own',
    may: [
      'events:write',
      'events:read',
      'usage:read',
      'reliability:read',
      'dashboard:read',
      'platform:read',
      'business:read',
      'alerts:read',
      'alerts:write',
      'exports:read',
      'exports:write',
      'audit:read',
      'self:read',
    ],
  },
  engineer: {
    orgs: 'own',
    may: [
      'events:read',
      'usage:read',
      'reliability:read',
      'dashboard:read',
      'platform:read',
      'alerts:read',
      'alerts:write',
      'exports:read',
      'exports:write',
      'self:read',
    ],
  },
  finance: {
    orgs: 'own',
    may: ['usage:read', 'dashboard:read', 'business:read', 'exports:read', 'exports:write', 'self:read'],
  },
  business_viewer: { orgs: 'own', may: ['dashboard:read', 'business:read', 'self:read'] },
  /** A machine that sends events and cannot read. */
  ingest: { orgs: 'own', may: ['events:write', 'self:read'] },
} as const satisfies Record<string, RoleGrant>;

export type Role = keyof typeof roleTable;

export const roles = Object.keys(roleTable) as Role[];

export function isRole(name: string): name is Role {
  return Object.hasOwn(roleTable, name);
}

/** The grant of a role, without its literal types. */
export function grantOf(role: Role): RoleGrant {
  return roleTable[role];
}
