import { type Database, withTransaction } from '../database/pool.ts';
import { DAY } from '../time.ts';

const MICROS_PER_DAY = DAY * 1_000;
const RELATION_EXISTS = new Set(['42P07', '42710', '23505', '42P17']);

/** Days since the epoch of a moment in microseconds. */
export function dayOf(micros: number): number {
  return Math.floor(micros / MICROS_PER_DAY);
}

function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

function partitionName(day: number): string {
  return `events_${dateOf(day).replaceAll('-', '')}`;
}

/** Creates the daily partitions of `analytics.events` that a batch needs, and remembers those that exist. */
export class EventPartitions {
  readonly #database: Database;
  #known = new Set<number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Forgets all partitions, so that the next `ensure` looks again: retention may have dropped one. */
  forget(): void {
    this.#known = new Set();
  }

  async ensure(days: Iterable<number>): Promise<void> {
    for (const day of days) {
      if (this.#known.has(day)) continue;
      await this.#create(day);
      this.#known.add(day);
    }
  }

  async #create(day: number): Promise<void> {
    const name = partitionName(day);
    // A hypertable creates its chunks by itself.
    const existing = await this.#database.query<{ found: boolean }>(
      `select relkind <> 'p' or to_regclass($1) is not null as found
       from pg_class where oid = 'analytics.events'::regclass`,
      [`analytics.${name}`],
    );
    if (existing.rows[0]?.found) return;
    try {
      // Created apart and then attached: creating it in place would wait for every reader of events, and every
      // writer would wait for it.
      await withTransaction(this.#database, async (client) => {
        await client.query(`create table analytics.${name} (like analytics.events including all)`);
        await client.query(
          `alter table analytics.events attach partition analytics.${name}
           for values from ('${dateOf(day)}T00:00:00Z') to ('${dateOf(day + 1)}T00:00:00Z')`,
        );
      });
    } catch (error) {
      // Another writer created it first.
      if (!RELATION_EXISTS.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}
