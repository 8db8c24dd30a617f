import type { Database } from '../database/pool.ts';
import { type Clock, DAY } from '../time.ts';
import type { Limits, QuotaName } from './quota.ts';
import { dayAt, usedInDays } from './quota-use.ts';

interface DailyUseOptions {
  database: Database;
  clock: Clock;
  quota: QuotaName;
  limits: Limits;
}

// In one order, so that two processes wait for each other instead of deadlocking.
const ADD = `
  insert into analytics.quota_days as d (org_id, quota, day, used)
  select org_id, $1, $2, used from jsonb_to_recordset($3::jsonb) as n (org_id text, used bigint) order by org_id
  on conflict (day, org_id, quota) do update set used = d.used + excluded.used`;

/**
 * Counts what orgs use of a quota of days in memory, for paths that are too hot to ask the database. `flush` adds the
 * counts to the database, and learns which orgs have reached the quota by the counts of all processes. Between two
 * flushes an org can get beyond its quota. A process that dies loses the counts since its last flush.
 */
export class DailyUse {
  readonly #options: DailyUseOptions;
  #counted = new Map<string, number>();
  readonly #reached = new Set<string>();
  #day = 0;

  constructor(options: DailyUseOptions) {
    this.#options = options;
  }

  add(orgId: string, amount: number): void {
    if (amount > 0) this.#counted.set(orgId, (this.#counted.get(orgId) ?? 0) + amount);
  }

  /** Whether the org has used its quota up. */
  isReached(orgId: string, now: number): boolean {
    return this.#reached.size > 0 && this.#day === Math.floor(now / DAY) && this.#reached.has(orgId);
  }

  /** Adds the counts to the database. */
  async flush(): Promise<void> {
    const { database, clock, quota, limits } = this.#options;
    const now = clock.now();
    const day = Math.floor(now / DAY);
    // The first counts of the new day find the orgs again that have still reached it.
    if (day !== this.#day) this.#reached.clear();
    this.#day = day;
    if (this.#counted.size === 0) return;
    const counted = this.#counted;
    this.#counted = new Map();
    try {
      const given = [...counted].map(([org_id, used]) => ({ org_id, used }));
      await database.query(ADD, [quota, dayAt(now), JSON.stringify(given)]);
    } catch (error) {
      for (const [orgId, used] of counted) this.add(orgId, used);
      throw error;
    }
    const limit = limits[quota];
    if (limit === 0) return;
    const used = await usedInDays(database, { quota, limits, now }, [...counted.keys()]);
    for (const [orgId, total] of used) if (total >= limit) this.#reached.add(orgId);
  }
}
