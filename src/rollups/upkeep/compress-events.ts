import type { Pool } from 'pg';
import { compressesEvents, timescaledbSchema } from '../../database/extensions/timescaledb.ts';
import type { Log } from '../../telemetry/log.ts';
import { DAY } from '../../time.ts';
import { listEventDays } from './event-days.ts';

/** Days are written to no more by then, but for events that come late. */
const COMPRESSED_AFTER = 7 * DAY;

interface CompressOptions {
  pool: Pool;
  log: Log;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Compresses the chunks of raw events that ended a week ago. What came late into a compressed one, or was priced anew
 * there, waits beside it until it takes more room than what is compressed; then all of it is compressed again.
 * Here and not as a policy of TimescaleDB's own scheduler, so that removing, compressing and rolling up are in one
 * order and one log, and work where that scheduler is off.
 * @returns how many chunks were compressed; 0 where raw events are no hypertable, or its edition does not compress
 */
export async function compressEvents({ pool, log, now }: CompressOptions): Promise<number> {
  if (!(await compressesEvents(pool))) return 0;
  const schema = await timescaledbSchema(pool);
  const overgrown = await overgrownChunks(pool, schema);
  let compressed = 0;
  for (const day of await listEventDays(pool)) {
    if (day.to.getTime() > now - COMPRESSED_AFTER) continue;
    if (day.compressed && !overgrown.has(day.name)) continue;
    await pool.query(`select ${schema}.compress_chunk($1::regclass, true)`, [day.name]);
    log.info({ chunk: day.name }, 'compressed raw events');
    compressed++;
  }
  return compressed;
}

/** Compressed chunks with more beside their compressed rows than these took when they were compressed. */
async function overgrownChunks(pool: Pool, schema: string): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ name: string }>(
    `select c.name
     from (
       select format('%I.%I', chunk_schema, chunk_name) as name, after_compression_total_bytes as bytes
       from ${schema}.chunk_compression_stats('analytics.events')
     ) as c
     where pg_table_size(c.name::regclass) > c.bytes`,
  );
  return new Set(rows.map(({ name }) => name));
}
