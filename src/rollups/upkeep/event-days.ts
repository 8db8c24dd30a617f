import type { PoolClient } from 'pg';
import { eventStorage, timescaledbSchema } from '../../database/extensions/timescaledb.ts';
import type { Database } from '../../database/pool.ts';
import { DAY } from '../../time.ts';

/** The raw events of a day as they are stored: in a partition, or in a chunk of a hypertable. */
export interface EventDay {
  /** The name of the table, with its schema. On Citus a table may have the days of a whole month. */
  name: string;
  from: Date;
  to: Date;
  /** Whether it is a chunk that is compressed as a whole. */
  compressed: boolean;
  /** Removes the table within a transaction. */
  drop(client: PoolClient): Promise<void>;
}

/** The days with raw events, the oldest first. */
export async function listEventDays(database: Database): Promise<EventDay[]> {
  return (await eventStorage(database)) === 'hypertable' ? listChunks(database) : listPartitions(database);
}

async function listPartitions(database: Database): Promise<EventDay[]> {
  const result = await database.query<{ name: string; digits: string }>(
    `select 'analytics.' || c.relname as name, substring(c.relname from '[0-9]+$') as digits
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'analytics.events'::regclass`,
  );
  return result.rows
    .flatMap(({ name, digits }) =>
      daysOf(digits).map((from) => ({
        ...{ name, from: new Date(from), to: new Date(from + DAY), compressed: false },
        drop: async (client: PoolClient) => {
          await client.query(`drop table ${name}`);
        },
      })),
    )
    .sort((a, b) => a.from.getTime() - b.from.getTime());
}

/** The day or the days of a month, as milliseconds. @param digits those of the name: YYYYMMDD or YYYYMM */
function daysOf(digits: string): number[] {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number) as [
    number,
    number,
    number,
  ];
  if (day > 0) return [Date.UTC(year, month - 1, day)];
  const [first, end] = [Date.UTC(year, month - 1), Date.UTC(year, month)];
  return Array.from({ length: (end - first) / DAY }, (_, index) => first + index * DAY);
}

async function listChunks(database: Database): Promise<EventDay[]> {
  const schema = await timescaledbSchema(database);
  const result = await database.query<{ name: string; from: Date; to: Date; compressed: boolean }>(
    `select format('%I.%I', chunk_schema, chunk_name) as name, range_start as "from", range_end as "to",
       is_compressed as compressed
     from timescaledb_information.chunks
     where hypertable_schema = 'analytics' and hypertable_name = 'events'
     order by range_start`,
  );
  return result.rows.map((chunk) => ({
    ...chunk,
    drop: async (client) => {
      await client.query(
        `select ${schema}.drop_chunks('analytics.events', older_than => $2::timestamptz, newer_than => $1::timestamptz)`,
        [chunk.from, chunk.to],
      );
    },
  }));
}
