import type { Pool } from 'pg';
import { DAY, SECOND } from '../../time.ts';
import { bucketSql, bucketStart, grainNamed } from '../grains.ts';

const hour = grainNamed('hour');

/** How long each batch has a row of its own. */
const MERGED_AFTER = DAY;
/** Batches that waited longer for their roll-up keep their rows, which show how late rollups were. They are few. */
const SHORT_WAIT = 10 * SECOND;

const MERGEABLE = `completed_at < $1 and rolled_up_at < completed_at + interval '${SHORT_WAIT} ms'`;

/** Batches that were stored before this moment are merged, or soon will be. */
export function mergedBefore(now: number): Date {
  return new Date(bucketStart(hour, now - MERGED_AFTER));
}

/**
 * Merges the batches that are older than a day into one row for each hour and source. With small requests there is a batch
 * for every few events, and its row takes more room than they do. The merged row keeps the sums, and the longest wait for
 * a roll-up with its time.
 * @param now milliseconds since the epoch
 */
export async function mergeBatches(pool: Pool, now: number): Promise<void> {
  const before = mergedBefore(now);
  const { rows } = await pool.query<{ starts: Date }>(
    `select distinct starts from (
       select ${bucketSql(hour, 'completed_at')} as starts
       from analytics.ingestion_batches where ${MERGEABLE}
       group by 1, source, stream having count(*) > 1
     ) as h
     order by starts`,
    [before],
  );
  for (const { starts } of rows)
    await pool.query(MERGE_HOUR, [new Date(starts.getTime() + hour.width), starts]);
}

function distinctOf(column: 'org_ids' | 'types'): string {
  return `array(
  select distinct item from gone, unnest(gone.${column}) as item
  where gone.source = merged.source and gone.stream is not distinct from merged.stream order by item)`;
}

/** Merges the batches of an hour that begins at `$2` and ends at `$1`. */
const MERGE_HOUR = `
  with gone as (
    delete from analytics.ingestion_batches where ${MERGEABLE} and completed_at >= $2 returning *
  ),
  merged as (
    select source, stream, min(batch_id) as batch_id, max(stream_offset) as stream_offset,
      case when count(rows) = count(*) then sum(rows) end as rows,
      sum(received) as received, sum(stored) as stored, sum(duplicates) as duplicates,
      sum(conflicts) as conflicts, sum(rejected) as rejected, bool_or(late) as late,
      min(occurred_from) as occurred_from, max(occurred_to) as occurred_to, min(started_at) as started_at,
      (array_agg(completed_at order by rolled_up_at - completed_at desc))[1] as completed_at,
      max(rolled_up_at - completed_at) as waited
    from gone group by source, stream
  )
  insert into analytics.ingestion_batches (
    batch_id, source, stream, stream_offset, org_ids, types, rows, received, stored, duplicates, conflicts, rejected,
    late, occurred_from, occurred_to, started_at, completed_at, rolled_up_at)
  select batch_id, source, stream, stream_offset, ${distinctOf('org_ids')}, ${distinctOf('types')},
    rows, received, stored, duplicates, conflicts, rejected,
    late, occurred_from, occurred_to, started_at, completed_at, completed_at + waited
  from merged`;
