import { alternativesOf, type LabelFilters, labelFilters } from '../reading/alternatives.ts';
import type { SeriesFilters } from '../reading/query-rollups.ts';
import type { ReadPlan } from '../reading/read-plan.ts';
import { type Bucketing, type ShownBucketing, shownAs, type TimeRange } from '../reading/time-buckets.ts';
import type { GroupBy } from './grouped-series.ts';

/** A query of the usage events of an org over time. */
export interface SeriesQuery {
  orgId: string;
  range: TimeRange;
  granularity: Bucketing;
  timezone: string;
  /** The models to select, separated by commas; all of them if undefined. So are the clients. */
  modelId: string | undefined;
  clientId?: string | undefined;
  provider?: string | undefined;
  serviceTier?: string | undefined;
  /** The values of labels to select, by their names. */
  labels?: LabelFilters;
  groupBy: GroupBy | undefined;
  /** The most groups to show one by one; `undefined`: as many as an answer may have. */
  top?: number | undefined;
  /** Milliseconds since the epoch. */
  now: number;
  /** Why the answer is in UTC, if it is not in the zone that was asked for. */
  zoneNote?: string;
}

/** The part that every answer to such a query has. */
export interface SeriesMetadata {
  orgId: string;
  granularity: ShownBucketing;
  timezone: string;
  /** Why it is not in the zone of the query. */
  note?: string;
  /** The range that the numbers cover: the requested one, widened to the finest rollups kept for its ends. */
  start: string;
  end: string;
}

export function seriesMetadataOf(
  { orgId, granularity, timezone, zoneNote }: SeriesQuery,
  { covered }: ReadPlan,
): SeriesMetadata {
  return {
    orgId,
    granularity: shownAs(granularity),
    timezone,
    ...(zoneNote !== undefined && { note: zoneNote }),
    start: new Date(covered.start).toISOString(),
    end: new Date(covered.end).toISOString(),
  };
}

/** The filters on the series that the query selects. */
export function seriesFiltersOf({
  modelId,
  clientId,
  provider,
  serviceTier,
  labels,
}: SeriesQuery): SeriesFilters {
  return {
    ...labelFilters(labels),
    ...(provider !== undefined && { provider: alternativesOf(provider.toLowerCase()) }),
    ...(serviceTier !== undefined && { service_tier: alternativesOf(serviceTier.toLowerCase()) }),
    ...(modelId !== undefined && { model_id: alternativesOf(modelId) }),
    ...(clientId !== undefined && { client_id: alternativesOf(clientId) }),
  };
}
