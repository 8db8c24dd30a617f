import type { Queryable } from '../database/pool.ts';
import { textArray } from '../database/text-array.ts';
import { MINUTE, SECOND } from '../time.ts';

/** How old the list of a process may be. */
const REFRESH_EVERY = 5 * SECOND;
/** Time between the end of a deletion and its lifting, in which every process learns of it. */
export const REST = MINUTE;

/** A batch has events of an org that is deleted, of which this process did not know yet. */
export class OrgDeletedError extends Error {
  readonly orgIds: readonly string[];

  constructor(orgIds: readonly string[]) {
    super(`deleted orgs: ${orgIds.join(', ')}`);
    this.name = 'OrgDeletedError';
    this.orgIds = orgIds;
  }
}

/**
 * Knows the deleted orgs, whose events are refused. The list is read again every five seconds, while events come in. So a
 * batch is checked once more in its transaction (`deletedAmong`).
 */
export class DeletedOrgs {
  readonly #database: Queryable;
  readonly #onDeleted: (orgId: string) => void;
  #refused: ReadonlySet<string> = new Set();
  /** By org, when its last known deletion was requested. */
  readonly #seen = new Map<string, number>();
  #readAt = Number.NEGATIVE_INFINITY;

  /** @param onDeleted called once for each deletion, for what the process remembers of the org */
  constructor(database: Queryable, onDeleted: (orgId: string) => void) {
    this.#database = database;
    this.#onDeleted = onDeleted;
  }

  has(orgId: string): boolean {
    return this.#refused.has(orgId);
  }

  /** Reads the list if it is old. A database that is away is not reported here: nothing can be stored either. */
  async refresh(): Promise<void> {
    if (performance.now() - this.#readAt < REFRESH_EVERY) return;
    this.#readAt = performance.now();
    await this.#read().catch(() => {
      this.#readAt = Number.NEGATIVE_INFINITY;
    });
  }

  /** Makes the next `refresh` read. */
  expire(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  async #read(): Promise<void> {
    const { rows } = await this.#database.query<{ orgId: string; at: Date; refused: boolean }>(
      `select org_id as "orgId", requested_at as at, allowed_at is null as refused from analytics.org_deletions`,
    );
    this.#refused = new Set(rows.filter(({ refused }) => refused).map(({ orgId }) => orgId));
    for (const { orgId, at } of rows) {
      if (this.#seen.get(orgId) === at.getTime()) continue;
      this.#seen.set(orgId, at.getTime());
      this.#onDeleted(orgId);
    }
  }
}

/**
 * SQL of an array of those orgs that are deleted. To be run in the transaction of a batch, in a statement after it has
 * the lock of storing. A deletion takes that lock once it is recorded, so it meets every batch that did not see it.
 */
export function deletedAmong(orgIds: Iterable<string>): string {
  return `array(select org_id from analytics.org_deletions where allowed_at is null and org_id = any(${textArray(orgIds)}))`;
}
