import { LRUCache } from 'lru-cache';
import type { Database } from '../database/pool.ts';
import { enterSeries, type SeriesDimensions } from './enter-series.ts';

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

  constructor(database: Database) {
    this.#database = database;
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
    return resolved;
  }
}
