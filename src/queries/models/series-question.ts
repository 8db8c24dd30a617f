import type { DimensionColumn } from '../../events/columns.ts';
import type { ReadPlan } from '../reading/read-plan.ts';
import type { Granularity, TimeRange } from '../reading/time-buckets.ts';
import type { GroupBy } from './grouped-series.ts';

/** A question about the usage events of an org over time. */
export interface SeriesQuestion {
  orgId: string;
  range: TimeRange;
  granularity: Granularity;
  timezone: string;
  modelId: string | undefined;
  groupBy: GroupBy | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** What every answer to one says of itself. */
export interface SeriesFrame {
  orgId: string;
  granularity: Granularity;
  timezone: string;
  /** What the numbers cover: the range asked for, widened to the finest rollups kept for its ends. */
  start: string;
  end: string;
}

export function frameOf(
  { orgId, granularity, timezone }: SeriesQuestion,
  { covered }: ReadPlan,
): SeriesFrame {
  return {
    orgId,
    granularity,
    timezone,
    start: new Date(covered.start).toISOString(),
    end: new Date(covered.end).toISOString(),
  };
}

/** The series it is about. */
export function filtersOf({ modelId }: SeriesQuestion): Partial<Record<DimensionColumn, string>> {
  return modelId === undefined ? {} : { model_id: modelId };
}
