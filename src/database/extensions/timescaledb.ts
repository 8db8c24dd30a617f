/** Raw events as a hypertable of TimescaleDB. */
import type { PoolClient } from 'pg';
import { type Database, withTransaction } from '../pool.ts';

/** How the raw events of a database are kept, and whether they could be a hypertable. */
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

/** The schema that the functions of TimescaleDB are in, quoted: its role chose it when making the extension. */
export async function timescaledbSchema(database: Pick<PoolClient, 'query'>): Promise<string> {
  const { rows } = await database.query<{ name: string }>(
    `select quote_ident(nspname) as name
     from pg_extension join pg_namespace n on n.oid = extnamespace where extname = 'timescaledb'`,
  );
  const [schema] = rows;
  if (!schema) throw new Error('raw events are a hypertable, but the database has no TimescaleDB');
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
 * Lets the transaction change compressed events, however many: TimescaleDB refuses to unpack more than 100,000 of them
 * unless it is told that this is meant.
 */
export async function mayChangeCompressedEvents(client: PoolClient): Promise<void> {
  if ((await eventStorage(client)) !== 'hypertable') return;
  await client.query('set local timescaledb.max_tuples_decompressed_per_dml_transaction to 0');
}

/**
 * Makes raw events a hypertable with a chunk for each day, rows and all, in one transaction that keeps everyone else
 * from them.
 * @returns whether chunks can be compressed: not with the Apache-licensed edition
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
