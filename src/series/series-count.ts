import type { Database } from '../database/pool.ts';
import { MINUTE } from '../time.ts';
import type { SeriesDimensions } from './enter-series.ts';

interface Count {
  /** At least as many as the org has. */
  atMost: number;
  /** Milliseconds of the process. */
  countedAt: number;
}

const COUNTED = `select org_id, count(*) as series from analytics.series where org_id = any($1) group by org_id`;

/**
 * Knows which orgs have as many series as their quota allows. It counts only while series are entered that this process
 * does not know. Another process may add some in the minute between two counts, and a batch is never split, so an org
 * can get a little beyond its quota.
 */
export class SeriesCount {
  readonly #database: Database;
  /** 0: there is no quota. */
  readonly #limit: number;
  readonly #counts = new Map<string, Count>();
  readonly #full = new Set<string>();

  constructor(database: Database, limit: number) {
    this.#database = database;
    this.#limit = limit;
  }

  /** Whether any org has reached its quota. */
  get isAnyFull(): boolean {
    return this.#full.size > 0;
  }

  isFull(orgId: string): boolean {
    return this.#full.has(orgId);
  }

  /** Counts series that were entered, or were known to the database alone. */
  async add(entered: Iterable<SeriesDimensions>): Promise<void> {
    if (this.#limit === 0) return;
    const more = new Map<string, number>();
    for (const { org_id } of entered) more.set(String(org_id), (more.get(String(org_id)) ?? 0) + 1);
    const unsure = [...more].filter(([orgId, added]) => this.#isUnsure(orgId, added)).map(([orgId]) => orgId);
    if (unsure.length === 0) return;
    const { rows } = await this.#database.query<{ org_id: string; series: number }>(COUNTED, [unsure]);
    for (const { org_id, series } of rows) {
      this.#counts.set(org_id, { atMost: series, countedAt: performance.now() });
      if (series >= this.#limit) this.#full.add(org_id);
    }
  }

  /** Adds to the count of an org. Whether only the database can tell if it is full. */
  #isUnsure(orgId: string, added: number): boolean {
    const count = this.#counts.get(orgId);
    if (count === undefined) return true;
    count.atMost += added;
    return count.atMost >= this.#limit || performance.now() - count.countedAt > MINUTE;
  }
}
