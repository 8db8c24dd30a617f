import type { Pool } from 'pg';
import { compressesEvents, timescaledbSchema } from '../../database/extensions/timescaledb.ts';
import type { Log } from '../../telemetry/log.ts';
import { DAY } from '../../time.ts';
import { listEventDays } from './event-days.ts';

/** After this time only late events are still written to a day. */
const COMPRESSED_AFTER = 7 * DAY;

interface CompressOptions {
  pool: Pool;
  log: Log;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Compresses the chunks of raw events that ended a week ago. Late and repriced events of a compressed chunk stay
 * uncompressed beside it until they take more room than the compressed ones; then the chunk is compressed again.
 *
 * This is not a policy of TimescaleDB's own scheduler. So removal, compression and roll-up have one order and one log,
 * and work where that scheduler is off.
 * @returns the number of compressed chunks; 0 without a hypertable, or with an edition that does not compress
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

/** Compressed chunks whose uncompressed rows take more room than the compressed ones. */
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
