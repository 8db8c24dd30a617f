import { type Database, withTransaction } from '../database/pool.ts';
import { CodedError, type Fault } from '../errors.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { showHidden } from '../plain-text.ts';
import { checkQuota } from '../quotas/check-quota.ts';
import type { Limits } from '../quotas/quota.ts';
import type { Clock } from '../time.ts';
import type { Actor } from './actor.ts';
import { type ApiKey, type ApiKeyRow, apiKeyColumns, apiKeyOf } from './api-key-row.ts';
import { generateSecret, hashOf, keyText } from './api-key-secret.ts';
import { createAudit } from './audit.ts';
import type { Caller } from './caller.ts';
import { LastUses } from './last-uses.ts';
import { grantOf, isRole, roles } from './roles.ts';
import { ApiKeyVerifier } from './verify-api-key.ts';

export interface NewApiKey {
  /** The user of the key: 1 to 100 characters. */
  name: string;
  role: string;
  /** The orgs that the key is for; empty only for a role that reaches all orgs. */
  orgs: readonly string[];
  expiresAt?: Date;
}

export interface ApiKeys {
  /**
   * Creates a key. Its secret is part of `key`, which is never shown again.
   * @throws {CodedError} `invalid_request`; `quota_exceeded` if one of its orgs has no room for a key
   */
  create(input: NewApiKey, caller: Caller): Promise<ApiKey & { key: string }>;
  /** All keys, revoked and expired ones included, the newest first. */
  list(): Promise<ApiKey[]>;
  /** Revokes a key. A key that is revoked already stays as it is. @throws {CodedError} `not_found` */
  revoke(id: string, caller: Caller): Promise<void>;
  /** Resolves to the actor of a key. @throws {CodedError} `unauthenticated`, `unavailable` */
  verify(text: string): Promise<Actor>;
}

interface Source {
  database: Database;
  /** Verifies keys, if not `database`. */
  verifying?: Database;
  clock: Clock;
  /** The quotas of orgs; absent on the operator's command line, which has none. */
  limits?: Limits;
}

/** Another process may have written a later use, or one of the same minute. */
const NOTE_USES = `
  update analytics.api_keys k set last_used_at = u.at
  from unnest($1::text[], $2::timestamptz[]) as u (id, at)
  where k.id = u.id and (k.last_used_at is null or k.last_used_at <= u.at - interval '1 minute')`;

/** Creates, lists, revokes and verifies API keys. Each change adds an entry to the audit log. */
export function createApiKeys(source: Source): ApiKeys {
  const verifier = new ApiKeyVerifier(source.verifying ?? source.database, source.clock);
  const uses = new LastUses({ ...source, statement: NOTE_USES });
  return {
    create: (input, caller) => createKey(source, input, caller),
    list: () => listKeys(source),
    async revoke(id, caller) {
      await revokeKey(source, id, caller);
      verifier.forget(id);
    },
    async verify(text) {
      const actor = await verifier.verify(text);
      uses.note(actor.id);
      return actor;
    },
  };
}

async function createKey(
  { database, clock, limits }: Source,
  input: NewApiKey,
  caller: Caller,
): Promise<ApiKey & { key: string }> {
  const faults = faultsOf(input, clock.now());
  if (faults.length > 0)
    throw new CodedError('invalid_request', 'The key cannot be created; see the errors.', { faults });
  const { id, secret } = generateSecret();
  const row = await withTransaction(database, async (client) => {
    if (limits) {
      // In one order, so that two callers wait for each other instead of deadlocking.
      for (const orgId of [...new Set(input.orgs)].sort()) {
        await checkQuota(client, limits, { quota: 'api_keys', orgId, more: 1 });
      }
    }
    const { rows } = await client.query<ApiKeyRow>(
      `insert into analytics.api_keys (id, secret_hash, name, role, orgs, created_at, created_by, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       returning ${apiKeyColumns}`,
      [
        id,
        hashOf(secret),
        input.name,
        input.role,
        input.orgs,
        new Date(clock.now()),
        caller.actor.id,
        input.expiresAt ?? null,
      ],
    );
    await createAudit(client, clock)({ ...caller, action: 'api_key.create', subject: id });
    return rows[0];
  });
  if (!row) throw new Error('the insert returned no row');
  return { ...apiKeyOf(row), key: keyText(id, secret) };
}

async function listKeys({ database }: Source): Promise<ApiKey[]> {
  const { rows } = await database.query<ApiKeyRow>(
    `select ${apiKeyColumns} from analytics.api_keys order by created_at desc, id`,
  );
  return rows.map(apiKeyOf);
}

async function revokeKey({ database, clock }: Source, id: string, caller: Caller): Promise<void> {
  await withTransaction(database, async (client) => {
    const { rowCount } = await client.query(
      'update analytics.api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1',
      [id, new Date(clock.now())],
    );
    if (rowCount === 0) throw new CodedError('not_found', 'There is no API key with this id.');
    await createAudit(client, clock)({ ...caller, action: 'api_key.revoke', subject: id });
  });
}

function faultsOf({ name, role, orgs, expiresAt }: NewApiKey, now: number): Fault[] {
  const faults: Fault[] = [];
  if (name.trim() === '' || name.length > 100 || showHidden(name) !== name)
    faults.push({ path: '$.name', message: 'must be 1 to 100 characters, without control characters' });
  if (!isRole(role)) faults.push({ path: '$.role', message: `must be one of ${roles.join(', ')}` });
  else if (grantOf(role).orgs === 'own' && orgs.length === 0) {
    faults.push({ path: '$.orgs', message: `must name at least one org for the role ${role}` });
  }
  if (orgs.includes(ALL_ORGS)) {
    const message = `must name each org, and "${ALL_ORGS}" is not one; use the role admin to reach all`;
    faults.push({ path: '$.orgs', message });
  }
  if (expiresAt !== undefined && expiresAt.getTime() <= now)
    faults.push({ path: '$.expiresAt', message: 'must be in the future' });
  return faults;
}
