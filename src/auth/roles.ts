/** What may be asked for. A route names the one it needs. */
export const capabilities = [
  'events:write',
  'usage:read',
  'reliability:read',
  'dashboard:read',
  'platform:read',
  'business:read',
  'alerts:read',
  'alerts:write',
  'exports:write',
  'keys:manage',
  'prices:manage',
] as const;

export type Capability = (typeof capabilities)[number];

interface RoleGrant {
  /** Whether it reaches every org, or those its holder is a member of. */
  orgs: 'all' | 'own';
  may: readonly Capability[];
}

/** Who may do what. */
export const roleTable = {
  /** Everything, everywhere; what it reads outside its own orgs is audited. */
  admin: { orgs: 'all', may: capabilities },
  org_admin: {
    orgs: 'own',
    may: [
      'events:write',
      'usage:read',
      'reliability:read',
      'dashboard:read',
      'business:read',
      'alerts:read',
      'alerts:write',
      'exports:write',
    ],
  },
  engineer: {
    orgs: 'own',
    may: [
      'usage:read',
      'reliability:read',
      'dashboard:read',
      'platform:read',
      'alerts:read',
      'alerts:write',
      'exports:write',
    ],
  },
  finance: { orgs: 'own', may: ['usage:read', 'dashboard:read', 'business:read', 'exports:write'] },
  business_viewer: { orgs: 'own', may: ['dashboard:read', 'business:read'] },
  /** A machine that sends events and reads nothing back. */
  ingest: { orgs: 'own', may: ['events:write'] },
} as const satisfies Record<string, RoleGrant>;

export type Role = keyof typeof roleTable;

export const roles = Object.keys(roleTable) as Role[];

export function isRole(name: string): name is Role {
  return Object.hasOwn(roleTable, name);
}

/** What a role may do and where, seen without its literal types. */
export function grantOf(role: Role): RoleGrant {
  return roleTable[role];
}
