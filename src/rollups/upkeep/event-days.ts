import type { PoolClient } from 'pg';
import { eventStorage, timescaledbSchema } from '../../database/extensions/timescaledb.ts';
import type { Database } from '../../database/pool.ts';
import { DAY } from '../../time.ts';

/** The raw events of a day as they are stored: a partition, or a chunk of a hypertable. */
export interface EventDay {
  /** The name of the table, with its schema. */
  name: string;
  from: Date;
  to: Date;
  /** Whether it is a chunk that is compressed as a whole. */
  compressed: boolean;
  /** Removes it within a transaction. */
  drop(client: PoolClient): Promise<void>;
}

/** The days with raw events, the oldest first. */
export async function listEventDays(database: Database): Promise<EventDay[]> {
  return (await eventStorage(database)) === 'hypertable' ? listChunks(database) : listPartitions(database);
}

async function listPartitions(database: Database): Promise<EventDay[]> {
  const result = await database.query<{ name: string; day: string }>(
    `select 'analytics.' || c.relname as name, substring(c.relname from '[0-9]{8}$') as day
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'analytics.events'::regclass
     order by 1`,
  );
  return result.rows.map(({ name, day }) => {
    const from = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`);
    return {
      name,
      from: new Date(from),
      to: new Date(from + DAY),
      compressed: false,
      drop: async (client) => {
        await client.query(`drop table ${name}`);
      },
    };
  });
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
