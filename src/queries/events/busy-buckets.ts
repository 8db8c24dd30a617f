import type { Queryable } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { catalogue } from '../../events/catalogue.ts';
import { bucketSql, type Grain } from '../../rollups/grains.ts';
import { rollupRowsSql } from '../../rollups/rows/rollup-rows.ts';
import { filterSql, type SeriesFilters } from '../reading/query-rollups.ts';
import type { TimeRange } from '../reading/time-buckets.ts';
import { queryWithWaitingWork } from '../reading/waiting-work.ts';
import { type EventFilter, seriesFiltersOf, typesOf } from './event-filter.ts';

/** A bucket of rollups that has events of a filter. */
export interface BusyBucket extends TimeRange {
  /** Events that match, as far as rollups know. */
  matching: number;
  /** Rows of all orgs in the bucket: what reading it costs. */
  rows: number;
}

/** The buckets of a grain to look into. The range is aligned with them. */
export interface BucketsWanted {
  grain: Grain;
  range: TimeRange;
}

/** Every type that has rows. */
const storedTypes = catalogue.filter(({ derived }) => !derived).map(({ type }) => type);

/**
 * The buckets with events of a filter, the newest first. Rollups tell where events are, so that raw events need no index
 * by org, which storing each event would have to pay for.
 */
export async function busyBuckets(
  database: Queryable,
  filter: EventFilter,
  wanted: BucketsWanted,
): Promise<BusyBucket[]> {
  const { orgId } = filter;
  const matching = await eventsByBucket(
    database,
    { orgId, types: typesOf(filter), filters: seriesFiltersOf(filter) },
    wanted,
  );
  const starts = [...matching.keys()].sort((a, b) => b - a);
  const [newest, oldest] = [starts[0], starts.at(-1)];
  if (newest === undefined || oldest === undefined) return [];
  const { grain } = wanted;
  const all = await eventsByBucket(
    database,
    { orgId: ALL_ORGS, types: storedTypes, filters: {} },
    { grain, range: { start: oldest, end: newest + grain.width } },
  );
  return starts.map((start) => ({
    start,
    end: start + grain.width,
    matching: matching.get(start) ?? 0,
    rows: all.get(start) ?? 0,
  }));
}

interface Counted {
  orgId: string;
  types: readonly string[];
  filters: SeriesFilters;
}

/** The number of events in each bucket that has any, by the start of the bucket in milliseconds. */
async function eventsByBucket(
  database: Queryable,
  { orgId, types, filters }: Counted,
  { grain, range }: BucketsWanted,
): Promise<Map<number, number>> {
  const { rows } = await queryWithWaitingWork(database, orgId, (waitingFor) => {
    const values: unknown[] = [orgId, types, new Date(range.start), new Date(range.end)];
    const parameter = (value: unknown) => `$${values.push(value)}`;
    const waiting = waitingFor(parameter);
    const matches = filterSql(filters, parameter);
    const wanted = { grain, condition: 'r.bucket_start >= $3 and r.bucket_start < $4' };
    const always = 'r.org_id = $1 and r.type = any($2::text[])';
    const series =
      matches.length === 0
        ? ''
        : `join analytics.series s on s.org_id = $1 and s.series_id = r.series_id and ${matches.join(' and ')}`;
    return database.query<{ bucket: Date; events: number }>(
      `select ${bucketSql(grain, 'r.bucket_start')} as bucket, sum(r.count)::bigint as events
       from (${rollupRowsSql([wanted], ['series_id', 'bucket_start', 'count'], always, waiting.folds)}) as r ${series}
       group by 1 having sum(r.count) > 0`,
      values,
    );
  });
  return new Map(rows.map(({ bucket, events }) => [bucket.getTime(), events]));
}
