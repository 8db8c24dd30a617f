import type { PoolClient } from 'pg';
import { enterSeries, type SeriesDimensions, seriesNameOf } from '../../series/enter-series.ts';
import { finestGrain } from '../grains.ts';

/** A row of a type that has no events of its own: what a fold adds to a bucket, or takes back from it. */
export interface DerivedRow {
  dimensions: SeriesDimensions;
  /** Milliseconds. */
  bucketStart: number;
  count: number;
  value?: bigint;
}

/** Writes derived rows of one type under a fold of the finest grain. */
export async function writeDerivedRows(
  client: PoolClient,
  foldId: number,
  type: string,
  derived: readonly DerivedRow[],
): Promise<void> {
  if (derived.length === 0) return;
  const names = derived.map(({ dimensions }) => seriesNameOf(dimensions));
  const series = await enterSeries(
    client,
    new Map(derived.map(({ dimensions }, index) => [names[index] ?? '', dimensions])),
  );
  const rows = derived.map(({ dimensions, bucketStart, count, value }, index) => ({
    org_id: dimensions.org_id,
    series_id: series.get(names[index] ?? ''),
    bucket_start: new Date(bucketStart),
    count,
    value_sum: value === undefined ? null : String(value),
  }));
  await client.query(
    `insert into analytics.rollups (
       grain, fold_id, org_id, type, series_id, bucket_start, count, value_sum, last_event_at)
     select '${finestGrain.name}', $1, org_id, $3, series_id, bucket_start, count, value_sum, bucket_start
     from json_to_recordset($2::json) as c (
       org_id text, series_id bigint, bucket_start timestamptz, count bigint, value_sum bigint)`,
    [foldId, JSON.stringify(rows), type],
  );
}
