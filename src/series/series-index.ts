import { LRUCache } from 'lru-cache';
import type { Database } from '../database/pool.ts';
import { enterSeries, findSeries, type SeriesDimensions, seriesNameStart } from './enter-series.ts';
import { SeriesCount } from './series-count.ts';

/**
 * The most series that a process remembers; beyond it, those not used for longest are looked up again. About 150 bytes
 * each. The cache allocates room for all at once, which takes some 30 ms. So a process has one index, and code that
 * needs only a few numbers calls `enterSeries`.
 */
const REMEMBERED = 200_000;

/** Remembers the numbers of series while events are stored: nearly all events belong to known series. */
export class SeriesIndex {
  readonly #database: Database;
  readonly #known = new LRUCache<string, number>({ max: REMEMBERED });

  readonly #count: SeriesCount;

  /** @param limit the most series of an org; 0: there is no limit */
  constructor(database: Database, limit = 0) {
    this.#database = database;
    this.#count = new SeriesCount(database, limit);
  }

  /** Returns the number of each series, by its name from `seriesNameOf`. Enters the series that are new. */
  async resolve(wanted: ReadonlyMap<string, SeriesDimensions>): Promise<ReadonlyMap<string, number>> {
    const resolved = new Map<string, number>();
    const missing = new Map<string, SeriesDimensions>();
    for (const [name, dimensions] of wanted) {
      const known = this.#known.get(name);
      if (known === undefined) missing.set(name, dimensions);
      else resolved.set(name, known);
    }
    if (missing.size === 0) return resolved;
    for (const [name, id] of await enterSeries(this.#database, missing)) {
      resolved.set(name, id);
      this.#known.set(name, id);
    }
    await this.#count.add(missing.values());
    return resolved;
  }

  /** Forgets the series of an org that was deleted. */
  forgetOrg(orgId: string): void {
    const start = seriesNameStart(orgId);
    for (const name of [...this.#known.keys()]) if (name.startsWith(start)) this.#known.delete(name);
  }

  /** The names of the series that are new, and whose org has as many series as its quota allows. */
  async beyondQuota(wanted: ReadonlyMap<string, SeriesDimensions>): Promise<ReadonlySet<string>> {
    // Nearly always no org is full, and this costs nothing.
    if (!this.#count.isAnyFull) return new Set();
    const unknown = new Map(
      [...wanted].filter(
        ([name, { org_id }]) => this.#count.isFull(String(org_id)) && this.#known.get(name) === undefined,
      ),
    );
    if (unknown.size === 0) return new Set();
    const found = await findSeries(this.#database, unknown);
    for (const [name, id] of found) this.#known.set(name, id);
    return new Set([...unknown.keys()].filter((name) => !found.has(name)));
  }
}
