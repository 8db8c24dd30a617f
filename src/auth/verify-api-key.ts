import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isTransient } from '../database/connection-error.ts';
import type { Database } from '../database/pool.ts';
import { CodedError } from '../errors.ts';
import { type Clock, SECOND } from '../time.ts';
import type { Actor } from './actor.ts';
import { type ApiKeyRow, apiKeyColumns } from './api-key-row.ts';
import { hashOf, parseKeyText } from './api-key-secret.ts';

/** A revoked key stops working in every process within this time. */
const CACHE_TTL = 4 * SECOND;

type SecretRow = ApiKeyRow & { secret_hash: Buffer };

/** Verifies API keys, with a cache of the keys that were sent lately. */
export class ApiKeyVerifier {
  readonly #clock: Clock;
  readonly #cache: LRUCache<string, { row: SecretRow | null }>;

  constructor(database: Database, clock: Clock) {
    this.#clock = clock;
    this.#cache = new LRUCache({
      max: 10_000,
      ttl: CACHE_TTL,
      // A revocation drops the entry, perhaps during its look-up. Requests that wait for the look-up still get it.
      ignoreFetchAbort: true,
      fetchMethod: async (id: string) => {
        const { rows } = await database.query<SecretRow>(
          `select ${apiKeyColumns}, secret_hash from analytics.api_keys where id = $1`,
          [id],
        );
        return { row: rows[0] ?? null };
      },
    });
  }

  /** Resolves to the actor of a key. @throws {CodedError} `unauthenticated`, `unavailable` */
  async verify(text: string): Promise<Actor> {
    const key = parseKeyText(text);
    if (key === undefined)
      throw new CodedError(
        'unauthenticated',
        'This is not an API key. A key has the form tmk_<id>_<secret>.',
      );
    const row = await this.#rowOf(key.id);
    const matches = timingSafeEqual(hashOf(key.secret), row?.secret_hash ?? hashOf(''));
    if (!matches || row === null)
      throw new CodedError(
        'unauthenticated',
        'The API key is unknown. Create one with `tidemark keys create`.',
      );
    if (row.revoked_at !== null)
      throw new CodedError('unauthenticated', 'The API key has been revoked. Use another key.');
    if (row.expires_at !== null && row.expires_at.getTime() <= this.#clock.now())
      throw new CodedError('unauthenticated', 'The API key has expired. Use another key.');
    return { id: row.id, roles: [row.role], orgs: row.orgs, via: 'api_key' };
  }

  /** Makes the next use of a key read its row anew. */
  forget(id: string): void {
    this.#cache.delete(id);
  }

  async #rowOf(id: string): Promise<SecretRow | null> {
    try {
      return (await this.#cache.forceFetch(id)).row;
    } catch (error) {
      if (!isTransient(error)) throw error;
      throw new CodedError('unavailable', 'API keys cannot be checked right now; try again.', {
        cause: error,
        retryAfterSeconds: 1,
      });
    }
  }
}
