import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isTransient } from '../database/connection-error.ts';
import { type Database, withTransaction } from '../database/pool.ts';
import { CodedError, type Fault } from '../errors.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { type Clock, SECOND } from '../time.ts';
import type { Actor } from './actor.ts';
import { createAudit, type Deed } from './audit.ts';
import { grantOf, isRole, type Role, roles } from './roles.ts';

/** What is known of a key; its secret is not. */
export interface ApiKey {
  id: string;
  name: string;
  role: Role;
  orgs: string[];
  createdAt: Date;
  createdBy: string;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

export interface NewApiKey {
  /** Who or what uses it: 1 to 100 characters. */
  name: string;
  role: string;
  /** The orgs it is for; empty only for a role that reaches all of them. */
  orgs: readonly string[];
  expiresAt?: Date;
}

/** A revoked key stops working everywhere within this time. */
const CACHE_TTL = 4 * SECOND;

const COLUMNS = `id, name, role, orgs, created_at as "createdAt", created_by as "createdBy",
  expires_at as "expiresAt", revoked_at as "revokedAt"`;

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export type ApiKeys = ReturnType<typeof createApiKeys>;

/** Keys of the form `tmk_<id>_<secret>`: made, listed, revoked and verified. Each change leaves a line in the audit log. */
export function createApiKeys({ database, clock }: { database: Database; clock: Clock }) {
  interface Known extends ApiKey {
    secretHash: Buffer;
  }

  const cache = new LRUCache<string, { key: Known | null }>({
    max: 10_000,
    ttl: CACHE_TTL,
    // A revocation drops the entry while a look-up may be under way: whoever waits for that still gets its answer.
    ignoreFetchAbort: true,
    fetchMethod: async (id) => {
      const { rows } = await database.query<Known>(
        `select ${COLUMNS}, secret_hash as "secretHash" from analytics.api_keys where id = $1`,
        [id],
      );
      return { key: rows[0] ?? null };
    },
  });

  return {
    /**
     * Makes a key. `key` in what it resolves to is the only time its secret can be seen.
     * @throws {CodedError} `invalid_request`
     */
    async create(input: NewApiKey, deed: Deed): Promise<ApiKey & { key: string }> {
      const faults = faultsOf(input, clock.now());
      if (faults.length > 0)
        throw new CodedError('invalid_request', 'The key cannot be made like that.', { faults });
      const id = randomBytes(8).toString('hex');
      const secret = randomBytes(32).toString('base64url');
      const made = await withTransaction(database, async (client) => {
        const { rows } = await client.query<ApiKey>(
          `insert into analytics.api_keys (id, secret_hash, name, role, orgs, created_at, created_by, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           returning ${COLUMNS}`,
          [
            id,
            hashOf(secret),
            input.name,
            input.role,
            input.orgs,
            new Date(clock.now()),
            deed.actor.id,
            input.expiresAt ?? null,
          ],
        );
        await createAudit(client, clock)({ ...deed, action: 'api_key.create', subject: id });
        return rows[0] as ApiKey;
      });
      return { ...made, key: `tmk_${id}_${secret}` };
    },

    /** All keys there ever were, the newest first. */
    async list(): Promise<ApiKey[]> {
      const { rows } = await database.query<ApiKey>(
        `select ${COLUMNS} from analytics.api_keys order by created_at desc, id`,
      );
      return rows;
    },

    /** Ends a key; one that has ended stays as it is. @throws {CodedError} `not_found` */
    async revoke(id: string, deed: Deed): Promise<void> {
      await withTransaction(database, async (client) => {
        const { rowCount } = await client.query(
          'update analytics.api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1',
          [id, new Date(clock.now())],
        );
        if (rowCount === 0) throw new CodedError('not_found', 'There is no key with this id.');
        await createAudit(client, clock)({ ...deed, action: 'api_key.revoke', subject: id });
      });
      cache.delete(id);
    },

    /** Resolves to the actor a key stands for. @throws {CodedError} `unauthenticated`, `unavailable` */
    async verify(given: string): Promise<Actor> {
      const [, id, secret] = /^tmk_([0-9a-f]{16})_([\w-]{43})$/.exec(given) ?? [];
      if (id === undefined || secret === undefined)
        throw new CodedError('unauthenticated', 'This is not an API key.');
      const { key } = await known(id);
      const matches = timingSafeEqual(hashOf(secret), key?.secretHash ?? hashOf(''));
      if (!matches || key === null) throw new CodedError('unauthenticated', 'The API key is not known.');
      if (key.revokedAt !== null) throw new CodedError('unauthenticated', 'The API key has been revoked.');
      if (key.expiresAt !== null && key.expiresAt.getTime() <= clock.now()) {
        throw new CodedError('unauthenticated', 'The API key has expired.');
      }
      return { id: key.id, roles: [key.role], orgs: key.orgs, via: 'api_key' };
    },
  };

  async function known(id: string): Promise<{ key: Known | null }> {
    try {
      return await cache.forceFetch(id);
    } catch (error) {
      if (!isTransient(error)) throw error;
      throw new CodedError('unavailable', 'API keys cannot be checked right now.', {
        cause: error,
        retryAfterSeconds: 1,
      });
    }
  }
}

function faultsOf({ name, role, orgs, expiresAt }: NewApiKey, now: number): Fault[] {
  const faults: Fault[] = [];
  if (name.trim() === '' || name.length > 100)
    faults.push({ path: '$.name', message: 'must be 1 to 100 characters' });
  if (!isRole(role)) faults.push({ path: '$.role', message: `must be one of ${roles.join(', ')}` });
  else if (grantOf(role).orgs === 'own' && orgs.length === 0) {
    faults.push({ path: '$.orgs', message: `must name at least one org for the role ${role}` });
  }
  if (orgs.includes(ALL_ORGS)) {
    const message = `must name each org; "${ALL_ORGS}" is none, and the role admin reaches all`;
    faults.push({ path: '$.orgs', message });
  }
  if (expiresAt !== undefined && expiresAt.getTime() <= now)
    faults.push({ path: '$.expiresAt', message: 'must lie ahead' });
  return faults;
}
