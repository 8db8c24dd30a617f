import { LRUCache } from 'lru-cache';
import type { Database } from '../database/pool.ts';
import { type Clock, MINUTE, SECOND } from '../time.ts';

/** Uses of all keys are written together, this long after the first of them. */
const WRITE_AFTER = SECOND;
const MOST_KEYS = 10_000;

/**
 * Remembers when API keys were last used, to the minute. A use is written at most once a minute for each key, apart from
 * the request: no request waits for it or fails with it. A use that cannot be written is lost; the next one tells as much.
 */
export class KeyUses {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #lately = new LRUCache<string, true>({ max: MOST_KEYS, ttl: MINUTE });
  readonly #waiting = new Map<string, Date>();
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Notes that a key is used now. */
  note(id: string): void {
    if (this.#lately.has(id)) return;
    this.#lately.set(id, true);
    this.#waiting.set(id, new Date(this.#clock.now()));
    this.#timer ??= setTimeout(() => void this.#write(), WRITE_AFTER).unref();
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    const uses = [...this.#waiting];
    this.#waiting.clear();
    // Another process may have written a later use, or one of the same minute.
    await this.#database
      .query(
        `update analytics.api_keys k set last_used_at = u.at
         from unnest($1::text[], $2::timestamptz[]) as u (id, at)
         where k.id = u.id and (k.last_used_at is null or k.last_used_at <= u.at - interval '1 minute')`,
        [uses.map(([id]) => id), uses.map(([, at]) => at)],
      )
      .catch(() => {});
  }
}
