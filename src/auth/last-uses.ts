import { LRUCache } from 'lru-cache';
import type { Database } from '../database/pool.ts';
import { type Clock, MINUTE, SECOND } from '../time.ts';

/** Uses are written together, this long after the first of them. */
const WRITE_AFTER = SECOND;
const MOST_IDS = 10_000;

interface Source {
  database: Database;
  clock: Clock;
  /** Writes the ids `$1::text[]` and the times of their use `$2::timestamptz[]`. */
  statement: string;
}

/**
 * Remembers when API keys or sessions were last used, to the minute. A use is written at most once a minute for each id,
 * apart from the request: no request waits for it or fails with it. A use that cannot be written is lost; the next one
 * tells as much.
 */
export class LastUses {
  readonly #source: Source;
  readonly #lately = new LRUCache<string, number>({ max: MOST_IDS });
  readonly #waiting = new Map<string, Date>();
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Notes that an id is used now. */
  note(id: string): void {
    const now = this.#source.clock.now();
    const noted = this.#lately.get(id);
    if (noted !== undefined && Math.abs(now - noted) < MINUTE) return;
    this.#lately.set(id, now);
    this.#waiting.set(id, new Date(now));
    this.#timer ??= setTimeout(() => void this.#write(), WRITE_AFTER).unref();
  }

  /** When an id was last noted here, to the minute; `undefined` if it is not known here. */
  notedAt(id: string): number | undefined {
    return this.#lately.get(id);
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    const uses = [...this.#waiting];
    this.#waiting.clear();
    await this.#source.database
      .query(this.#source.statement, [uses.map(([id]) => id), uses.map(([, at]) => at)])
      .catch(() => {});
  }
}
