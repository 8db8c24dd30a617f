/** Keeps raw events in a hypertable of TimescaleDB. */
import type { PoolClient } from 'pg';
import { type Database, withTransaction } from '../pool.ts';

/** The storage of raw events: daily partitions, partitions that TimescaleDB could convert, or a hypertable. */
export type EventStorage = 'partitions' | 'convertible' | 'hypertable';

export async function eventStorage(database: Pick<PoolClient, 'query'>): Promise<EventStorage> {
  const { rows } = await database.query<{ partitioned: boolean; timescaledb: boolean }>(
    `select relkind = 'p' as partitioned,
       exists (select 1 from pg_extension where extname = 'timescaledb') as timescaledb
     from pg_class where oid = to_regclass('analytics.events')`,
  );
  const [events] = rows;
  if (events && !events.partitioned) return 'hypertable';
  return events?.timescaledb ? 'convertible' : 'partitions';
}

/** The schema of the functions of TimescaleDB, quoted. It was chosen by `create extension`. */
export async function timescaledbSchema(database: Pick<PoolClient, 'query'>): Promise<string> {
  const { rows } = await database.query<{ name: string }>(
    `select quote_ident(nspname) as name
     from pg_extension join pg_namespace n on n.oid = extnamespace where extname = 'timescaledb'`,
  );
  const [schema] = rows;
  if (!schema)
    throw new Error('raw events are a hypertable, but the extension timescaledb is missing; create it again');
  return schema.name;
}

/** Whether raw events are a hypertable whose chunks can be compressed. */
export async function compressesEvents(database: Pick<PoolClient, 'query'>): Promise<boolean> {
  if ((await eventStorage(database)) !== 'hypertable') return false;
  const { rowCount } = await database.query(
    `select 1 from timescaledb_information.hypertables
     where hypertable_schema = 'analytics' and hypertable_name = 'events' and compression_enabled`,
  );
  return rowCount === 1;
}

/**
 * Allows the transaction to change any number of compressed events. By default TimescaleDB refuses to decompress more
 * than 100,000 of them.
 */
export async function allowCompressedEventChanges(client: PoolClient): Promise<void> {
  if ((await eventStorage(client)) !== 'hypertable') return;
  await client.query('set local timescaledb.max_tuples_decompressed_per_dml_transaction to 0');
}

/**
 * Converts raw events to a hypertable with a chunk for each day. One transaction copies the rows, and locks out everyone
 * else.
 * @returns whether chunks can be compressed, which the Apache-licensed edition cannot do
 * @throws the database's error; then nothing has changed
 */
export function convertToHypertable(database: Database): Promise<{ compresses: boolean }> {
  return withTransaction(database, async (client) => {
    await client.query('lock table analytics.events in access exclusive mode');
    const indexes = await client.query<{ definition: string }>(
      `select replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') as definition
       from pg_index where indrelid = 'analytics.events'::regclass`,
    );
    const schema = await timescaledbSchema(client);
    await client.query(
      'create table analytics.events_by_chunk (like analytics.events including all excluding indexes)',
    );
    await client.query(
      `select ${schema}.create_hypertable('analytics.events_by_chunk', 'occurred_at',
         chunk_time_interval => interval '1 day', create_default_indexes => false)`,
    );
    await client.query('insert into analytics.events_by_chunk select * from analytics.events');
    await client.query('drop table analytics.events');
    await client.query('alter table analytics.events_by_chunk rename to events');
    for (const { definition } of indexes.rows) await client.query(definition);
    return { compresses: await allowCompression(client) };
  });
}

const FEATURE_NOT_SUPPORTED = '0A000';

async function allowCompression(client: PoolClient): Promise<boolean> {
  await client.query('savepoint compression');
  try {
    await client.query(
      `alter table analytics.events set (timescaledb.compress,
         timescaledb.compress_segmentby = '', timescaledb.compress_orderby = 'org_id, type, occurred_at')`,
    );
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== FEATURE_NOT_SUPPORTED) throw error;
    await client.query('rollback to savepoint compression');
    return false;
  }
}
