import { citusState } from '../database/extensions/citus.ts';
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

/** A partition of `analytics.events`: the days from `first` up to `end`, which is not in it. */
interface Partition {
  name: string;
  first: number;
  end: number;
}

function partitionOfDay(day: number): Partition {
  return { name: `events_${dateOf(day).replaceAll('-', '')}`, first: day, end: day + 1 };
}

function partitionOfMonth(day: number): Partition {
  const date = new Date(day * DAY);
  const startOf = (month: number) => Date.UTC(date.getUTCFullYear(), month) / DAY;
  const first = startOf(date.getUTCMonth());
  return {
    name: partitionOfDay(first).name.slice(0, -2),
    first,
    end: startOf(date.getUTCMonth() + 1),
  };
}

/** Creates the partitions of `analytics.events` that a batch needs, and remembers the days that have one. */
export class EventPartitions {
  readonly #database: Database;
  readonly #keptFrom: () => number;
  #known = new Set<number>();

  /**
   * @param keptFrom the time in milliseconds before which retention removes events. On Citus a month that has ended by then
   * is one partition, because each partition is a table for each shard. Retention removes it as a whole. By default every
   * day has a partition of its own.
   */
  constructor(database: Database, keptFrom: () => number = () => Number.NEGATIVE_INFINITY) {
    this.#database = database;
    this.#keptFrom = keptFrom;
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
    // A hypertable creates its chunks by itself.
    const existing = await this.#database.query<{ found: boolean }>(
      `select relkind <> 'p' or to_regclass($1) is not null or to_regclass($2) is not null as found
       from pg_class where oid = 'analytics.events'::regclass`,
      [partitionOfDay(day), partitionOfMonth(day)].map(({ name }) => `analytics.${name}`),
    );
    if (existing.rows[0]?.found) return;
    const { name, first, end } = await this.#choose(day);
    try {
      // Created apart and then attached: creating it in place would wait for every reader of events, and every
      // writer would wait for it.
      await withTransaction(this.#database, async (client) => {
        await client.query(`create table analytics.${name} (like analytics.events including all)`);
        await client.query(
          `alter table analytics.events attach partition analytics.${name}
           for values from ('${dateOf(first)}T00:00:00Z') to ('${dateOf(end)}T00:00:00Z')`,
        );
      });
    } catch (error) {
      // Another writer created it first.
      if (!RELATION_EXISTS.has((error as { code?: string }).code ?? '')) throw error;
    }
  }

  /** A month of which some day has a partition already goes on by days. */
  async #choose(day: number): Promise<Partition> {
    const month = partitionOfMonth(day);
    if (month.end * DAY > this.#keptFrom()) return partitionOfDay(day);
    if ((await citusState(this.#database)) !== 'distributed') return partitionOfDay(day);
    const byDays = await this.#database.query(
      `select from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'analytics.events'::regclass and c.relname ~ $1 limit 1`,
      [`^${month.name}[0-9]{2}$`],
    );
    return byDays.rowCount === 0 ? month : partitionOfDay(day);
  }
}
