import type { Role } from './roles.ts';

/** An API key without its secret. */
export interface ApiKey {
  id: string;
  name: string;
  role: Role;
  orgs: string[];
  createdAt: Date;
  createdBy: string;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** To the minute; null before its first use. */
  lastUsedAt: Date | null;
}

/** A row of `analytics.api_keys` with `apiKeyColumns`. */
export interface ApiKeyRow {
  id: string;
  name: string;
  role: Role;
  orgs: string[];
  created_at: Date;
  created_by: string;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

export const apiKeyColumns =
  'id, name, role, orgs, created_at, created_by, expires_at, revoked_at, last_used_at';

export function apiKeyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    orgs: row.orgs,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
