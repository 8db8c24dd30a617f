import { LRUCache } from 'lru-cache';
import type { Database } from '../database/pool.ts';
import { enterSeries, type SeriesDimensions } from './enter-series.ts';

/**
 * Series remembered by a process; beyond it the least used are looked up again. About 150 bytes each. Room for all is
 * made at once, which takes some 30 ms: one index serves a process, and who needs a few numbers asks `enterSeries`.
 */
const REMEMBERED = 200_000;

/** Remembers the numbers of series for those who store events: nearly all that comes is of series known already. */
export class SeriesIndex {
  readonly #database: Database;
  readonly #known = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(database: Database) {
    this.#database = database;
  }

  /** The number of each named series; unknown ones are entered first. Names as `seriesNameOf` makes them. */
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
