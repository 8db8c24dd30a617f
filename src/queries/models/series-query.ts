import type { DimensionColumn } from '../../events/columns.ts';
import type { ReadPlan } from '../reading/read-plan.ts';
import type { Granularity, TimeRange } from '../reading/time-buckets.ts';
import type { GroupBy } from './grouped-series.ts';

/** A query of the usage events of an org over time. */
export interface SeriesQuery {
  orgId: string;
  range: TimeRange;
  granularity: Granularity;
  timezone: string;
  modelId: string | undefined;
  groupBy: GroupBy | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The part that every answer to such a query has. */
export interface SeriesMetadata {
  orgId: string;
  granularity: Granularity;
  timezone: string;
  /** The range that the numbers cover: the requested one, widened to the finest rollups kept for its ends. */
  start: string;
  end: string;
}

export function seriesMetadataOf(
  { orgId, granularity, timezone }: SeriesQuery,
  { covered }: ReadPlan,
): SeriesMetadata {
  return {
    orgId,
    granularity,
    timezone,
    start: new Date(covered.start).toISOString(),
    end: new Date(covered.end).toISOString(),
  };
}

/** The filters on the series that the query selects. */
export function seriesFiltersOf({ modelId }: SeriesQuery): Partial<Record<DimensionColumn, string>> {
  return modelId === undefined ? {} : { model_id: modelId };
}
