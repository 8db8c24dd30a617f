import type { Database } from '../database/pool.ts';
import { MINUTE } from '../time.ts';
import type { SeriesDimensions } from './enter-series.ts';

interface Count {
  /** At least as many as the org has. */
  atMost: number;
  /** Milliseconds of the process. */
  countedAt: number;
}

/** The most series of an org; 0: there is no bound. */
export interface SeriesBounds {
  /** Beyond it, new clients and values of labels are no longer told apart. */
  detailed: number;
  /** Beyond it, events of new series are refused. */
  all: number;
}

/** Counts no further than the bounds reach. For each org on its own, as a count of several cannot stop early. */
const COUNTED = `
  select count(*) as series from (select org_id from analytics.series where org_id = $1 limit $2) as s`;

/**
 * Knows which orgs have as many series as they may. It counts only while series are entered that this process does not
 * know. Another process may add some in the minute between two counts, and a batch is never split, so an org can get a
 * little beyond a bound.
 */
export class SeriesCount {
  readonly #database: Database;
  readonly #bounds: SeriesBounds;
  readonly #counts = new Map<string, Count>();
  readonly #full = new Set<string>();
  readonly #coarse = new Set<string>();

  constructor(database: Database, bounds: SeriesBounds) {
    this.#database = database;
    this.#bounds = bounds;
  }

  /** Whether any org has reached its quota. */
  get isAnyFull(): boolean {
    return this.#full.size > 0;
  }

  isFull(orgId: string): boolean {
    return this.#full.has(orgId);
  }

  forgetOrg(orgId: string): void {
    this.#counts.delete(orgId);
    this.#full.delete(orgId);
    this.#coarse.delete(orgId);
  }

  /**
   * How many of some new series the org may tell apart, of which some may be known to the database. It counts the series
   * of the org when that many could be too many.
   */
  async roomFor(orgId: string, series: number): Promise<number> {
    const { detailed } = this.#bounds;
    if (detailed === 0) return series;
    if (this.#coarse.has(orgId)) return 0;
    const known = this.#counts.get(orgId);
    const isFresh = known !== undefined && performance.now() - known.countedAt < MINUTE;
    if (isFresh && known.atMost + series <= detailed) return series;
    await this.#countIn([orgId]);
    return Math.max(0, detailed - (this.#counts.get(orgId)?.atMost ?? 0));
  }

  /** Counts series that were entered, or were known to the database alone. */
  async add(entered: Iterable<SeriesDimensions>): Promise<void> {
    const more = new Map<string, number>();
    for (const { org_id } of entered) more.set(String(org_id), (more.get(String(org_id)) ?? 0) + 1);
    for (const [orgId, added] of more) {
      const count = this.#counts.get(orgId);
      if (count !== undefined) count.atMost += added;
    }
    if (this.#bounds.all === 0) return;
    const unsure = [...more.keys()].filter((orgId) => this.#isUnsure(orgId));
    if (unsure.length > 0) await this.#countIn(unsure);
  }

  /** Whether only the database can tell if the org is full. */
  #isUnsure(orgId: string): boolean {
    const count = this.#counts.get(orgId);
    if (count === undefined) return true;
    return count.atMost >= this.#bounds.all || performance.now() - count.countedAt > MINUTE;
  }

  async #countIn(orgIds: readonly string[]): Promise<void> {
    const { detailed, all } = this.#bounds;
    for (const orgId of orgIds) {
      const { rows } = await this.#database.query<{ series: number }>(COUNTED, [
        orgId,
        Math.max(detailed, all),
      ]);
      const series = rows[0]?.series ?? 0;
      this.#counts.set(orgId, { atMost: series, countedAt: performance.now() });
      if (all > 0 && series >= all) this.#full.add(orgId);
      if (detailed > 0 && series >= detailed) this.#coarse.add(orgId);
    }
  }
}
