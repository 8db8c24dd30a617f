import { LRUCache } from 'lru-cache';
import type { Database } from '../database/pool.ts';
import { MINUTE } from '../time.ts';
import { coarseSeriesOf } from './coarse-series.ts';
import {
  enterSeries,
  findSeries,
  type SeriesDimensions,
  seriesNameOf,
  seriesNameStart,
} from './enter-series.ts';
import { type SeriesBounds, SeriesCount } from './series-count.ts';

/**
 * The most series that a process remembers; beyond it, those not used for longest are looked up again. About 150 bytes
 * each. The cache allocates room for all at once, which takes some 30 ms. So a process has one index, and code that
 * needs only a few numbers calls `enterSeries`.
 */
const REMEMBERED = 200_000;
/** The most characters of their names: labels can make names long. */
const REMEMBERED_CHARACTERS = 400 * REMEMBERED;
/** The names that a process remembers to have no series of their own. */
const REMEMBERED_MERGED = 20_000;
const NO_BOUNDS: SeriesBounds = { detailed: 0, all: 0 };

/** The numbers of series by their names. */
export interface ResolvedSeries {
  ids: ReadonlyMap<string, number>;
  /** The names that have no series of their own, since their org has enough: their numbers are those of coarse series. */
  merged: ReadonlySet<string>;
}

/** Remembers the numbers of series while events are stored: nearly all events belong to known series. */
export class SeriesIndex {
  readonly #database: Database;
  readonly #known = new LRUCache<string, number>({
    max: REMEMBERED,
    maxSize: REMEMBERED_CHARACTERS,
    sizeCalculation: (_, name) => name.length,
  });
  readonly #merged = new LRUCache<string, number>({ max: REMEMBERED_MERGED, ttl: MINUTE });
  readonly #count: SeriesCount;

  constructor(database: Database, bounds = NO_BOUNDS) {
    this.#database = database;
    this.#count = new SeriesCount(database, bounds);
  }

  /**
   * Returns the number of each series, by its name from `seriesNameOf`. Enters the series that are new. Where their org has
   * as many as it may tell apart, it enters a coarse series instead.
   */
  async resolve(wanted: ReadonlyMap<string, SeriesDimensions>): Promise<ResolvedSeries> {
    const ids = new Map<string, number>();
    const merged = new Set<string>();
    const missing = new Map<string, SeriesDimensions>();
    for (const [name, dimensions] of wanted) {
      const known = this.#known.get(name);
      const coarse = known === undefined ? this.#merged.get(name) : undefined;
      if (coarse !== undefined) merged.add(name);
      const id = known ?? coarse;
      if (id === undefined) missing.set(name, dimensions);
      else ids.set(name, id);
    }
    if (missing.size === 0) return { ids, merged };
    const coarseNames = await this.#mergeBeyondBound(missing);
    for (const [name, id] of await enterSeries(this.#database, missing)) {
      ids.set(name, id);
      this.#known.set(name, id);
    }
    await this.#count.add(missing.values());
    for (const [name, coarseName] of coarseNames) {
      const id = ids.get(coarseName);
      if (id === undefined) continue;
      ids.set(name, id);
      merged.add(name);
      this.#merged.set(name, id);
    }
    return { ids, merged };
  }

  /**
   * Replaces series for which their org has no room by the coarse series that count their events.
   * @returns the names of the coarse series, by the names of those that they replace
   */
  async #mergeBeyondBound(missing: Map<string, SeriesDimensions>): Promise<Map<string, string>> {
    const coarseNames = new Map<string, string>();
    const byOrg = Map.groupBy(missing, ([, { org_id }]) => String(org_id));
    for (const [orgId, series] of byOrg) {
      const room = await this.#count.roomFor(orgId, series.length);
      if (room >= series.length) continue;
      const found = await findSeries(this.#database, new Map(series));
      const isNew = ([name]: [string, SeriesDimensions]) => !found.has(name);
      for (const [name, dimensions] of series.filter(isNew).slice(room)) {
        const coarse = coarseSeriesOf(dimensions);
        if (coarse === undefined) continue;
        const coarseName = seriesNameOf(coarse, coarse.labels);
        if (coarseName === name) continue;
        missing.delete(name);
        missing.set(coarseName, coarse);
        coarseNames.set(name, coarseName);
      }
    }
    return coarseNames;
  }

  /** Forgets the series of an org that was deleted. */
  forgetOrg(orgId: string): void {
    const start = seriesNameStart(orgId);
    for (const cache of [this.#known, this.#merged])
      for (const name of [...cache.keys()]) if (name.startsWith(start)) cache.delete(name);
    this.#count.forgetOrg(orgId);
  }

  /**
   * The names of the series that are new, and whose org has as many series as its quota allows. A series whose events an
   * existing coarse series can count is not among them.
   */
  async beyondQuota(wanted: ReadonlyMap<string, SeriesDimensions>): Promise<ReadonlySet<string>> {
    // Nearly always no org is full, and this costs nothing.
    if (!this.#count.isAnyFull) return new Set();
    const unknown = new Map(
      [...wanted].filter(
        ([name, { org_id }]) => this.#count.isFull(String(org_id)) && this.#known.get(name) === undefined,
      ),
    );
    if (unknown.size === 0) return new Set();
    const coarseNames = new Map<string, string>();
    const lookedUp = new Map(unknown);
    for (const [name, dimensions] of unknown) {
      const coarse = coarseSeriesOf(dimensions);
      if (coarse === undefined) continue;
      const coarseName = seriesNameOf(coarse, coarse.labels);
      coarseNames.set(name, coarseName);
      lookedUp.set(coarseName, coarse);
    }
    const found = await findSeries(this.#database, lookedUp);
    for (const [name, id] of found) this.#known.set(name, id);
    const isCounted = (name: string) => found.has(name) || found.has(coarseNames.get(name) ?? '');
    return new Set([...unknown.keys()].filter((name) => !isCounted(name)));
  }
}
