import { LRUCache } from 'lru-cache';
import { isTransient } from '../database/connection-error.ts';
import type { Queryable } from '../database/pool.ts';
import { CodedError } from '../errors.ts';
import { SECOND } from '../time.ts';

/** After an org has declared labels, every process uses them within this time. */
const LABELS_TTL = 2 * SECOND;

/** The labels that are dimensions of each org, as they are declared now. */
export class DeclaredLabels {
  readonly #keys: ReadonlyMap<string, readonly string[]>;

  /** @param keys the declared keys of each org */
  constructor(keys: ReadonlyMap<string, readonly string[]>) {
    this.#keys = keys;
  }

  /**
   * Of an event's labels those that are dimensions of its org, as JSON; `undefined` without any.
   * @param labels the labels as they are stored, so with their keys in order
   */
  among(orgId: unknown, labels: string): string | undefined {
    const keys = this.#keys.get(String(orgId));
    if (keys === undefined) return undefined;
    const all = JSON.parse(labels) as Record<string, string>;
    const declared = Object.entries(all).filter(([key]) => keys.includes(key));
    return declared.length === 0 ? undefined : JSON.stringify(Object.fromEntries(declared));
  }
}

async function readDeclaredLabels(database: Queryable): Promise<DeclaredLabels> {
  const { rows } = await database.query<{ org_id: string; keys: string[] }>(
    `select org_id, array_agg(key) as keys from analytics.label_dimensions where ended_at is null group by org_id`,
  );
  return new DeclaredLabels(new Map(rows.map(({ org_id, keys }) => [org_id, keys])));
}

/**
 * Returns a function that resolves with the declared labels of all orgs, at most two seconds old.
 * @throws {CodedError} `unavailable`, as a rejection, when the database is down
 */
export function createCurrentLabels(database: Queryable): () => Promise<DeclaredLabels> {
  const cache = new LRUCache<'all', DeclaredLabels>({
    max: 1,
    ttl: LABELS_TTL,
    fetchMethod: () => readDeclaredLabels(database),
  });
  return async () => {
    try {
      return await cache.forceFetch('all');
    } catch (error) {
      if (!isTransient(error)) throw error;
      throw new CodedError('unavailable', 'the labels of orgs cannot be read now; send the events again', {
        retryAfterSeconds: 2,
        cause: error,
      });
    }
  };
}
