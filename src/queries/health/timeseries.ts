import type { Pool } from 'pg';
import type { LabelName } from '../../events/labels.ts';
import { type Point, seriesOver } from '../models/grouped-series.ts';
import { type AdminQuery, type AnswerMetadata, bucketingsFor, metadataOf } from '../reading/admin-query.ts';
import { inKeptZone } from '../reading/kept-zone.ts';
import { queryRollups } from '../reading/query-rollups.ts';
import { planFirst, type ReadPlan } from '../reading/read-plan.ts';
import { refuseManyGroups } from '../reading/refuse-many-groups.ts';
import { type ShownBucketing, shownAs } from '../reading/time-buckets.ts';
import { requestFiltersOf } from './api.ts';
import {
  type RequestFigures,
  type RequestRow,
  RequestTally,
  requestCountsSelection,
  requestSelection,
  requestTimesSelection,
  secondsPast,
} from './request-figures.ts';

/** The metrics of the time series, each with its unit and its value in the figures of a bucket. */
export const healthMetrics = {
  requests: { unit: 'requests', read: ({ requests }) => requests },
  request_rate: { unit: 'requests/s', read: ({ requestRate }) => requestRate },
  errors: { unit: 'requests', read: ({ errors }) => errors.error },
  error_rate: { unit: 'share', read: ({ errorRate }) => errorRate },
  client_errors: { unit: 'requests', read: ({ errors }) => errors.client_error },
  client_error_rate: { unit: 'share', read: ({ clientErrorRate }) => clientErrorRate },
  latency_avg: { unit: 'ms', read: ({ latencyMs }) => latencyMs.avg },
  latency_p50: { unit: 'ms', read: ({ latencyMs }) => latencyMs.p50 },
  latency_p95: { unit: 'ms', read: ({ latencyMs }) => latencyMs.p95 },
  latency_p99: { unit: 'ms', read: ({ latencyMs }) => latencyMs.p99 },
  latency_max: { unit: 'ms', read: ({ latencyMs }) => latencyMs.max },
} as const satisfies Record<string, { unit: string; read(figures: RequestFigures): number | null }>;

export type HealthMetric = keyof typeof healthMetrics;
export const healthMetricNames = Object.keys(healthMetrics) as HealthMetric[];

export interface HealthSeriesQuery extends AdminQuery {
  metric: HealthMetric;
  route: string | undefined;
  method: string | undefined;
  /** One point per bucket for each value of this label. */
  groupBy?: LabelName | undefined;
}

export interface HealthSeries extends AnswerMetadata {
  source: 'rollups';
  metric: HealthMetric;
  unit: string;
  granularity: ShownBucketing;
  /** One point for each bucket and group. A share or a duration is null without requests. */
  series: Point<{ value: number | null }>[];
  /** The groups in the points with `rest`. */
  restGroups: number;
  /** The value over the whole range, which is not the average of the points. */
  total: number | null;
}

/** Selects no more than the metric needs: over 30 days of all orgs, counts take an eighth of the time of sketches. */
function selectionFor(metric: HealthMetric) {
  if (!metric.startsWith('latency_')) return requestCountsSelection;
  return metric.startsWith('latency_p') ? requestSelection() : requestTimesSelection;
}

/** One metric of the requests to the platform, bucket by bucket. */
export async function answerHealthSeries(pool: Pool, asked: HealthSeriesQuery): Promise<HealthSeries> {
  const query = inKeptZone(asked, bucketingsFor(asked));
  const { orgId, now, metric, groupBy } = query;
  const { plan, bucketing } = planFirst(query, bucketingsFor(query));
  const selection = selectionFor(metric);
  const labels = groupBy ? [groupBy] : [];
  const wanted = { orgId, type: selection.type, plan, filters: requestFiltersOf(query), groupBy: labels };
  await refuseManyGroups(pool, wanted, query.range);
  const { rows, freshness } = await queryRollups<RequestRow>(pool, {
    ...{ ...selection, ...wanted },
    groupBy: [...selection.groupBy, ...labels],
  });
  const { unit, read } = healthMetrics[metric];
  const total = new RequestTally();
  const point = new RequestTally();
  const { points, restGroups } = seriesOver(
    { plan, range: query.range, groupBy, top: undefined, sizeOf: ({ count }: RequestRow) => count, now },
    rows,
    (some, bucket) => {
      point.clear();
      for (const row of some) point.add(row);
      total.addTally(point);
      return { value: read(point.figures(secondsOf(plan, bucket, now))) };
    },
  );
  return {
    ...metadataOf(query, freshness, { plan }),
    source: 'rollups',
    metric,
    unit,
    granularity: shownAs(bucketing),
    series: points,
    restGroups,
    total: read(total.figures(secondsPast(plan.covered, now))),
  };
}

/** Seconds of a bucket that the range covers and that have passed. */
function secondsOf({ boundaries, covered }: ReadPlan, bucket: number, now: number): number {
  const [start = 0, end = start] = boundaries.slice(bucket, bucket + 2);
  return secondsPast({ start: Math.max(start, covered.start), end: Math.min(end, covered.end) }, now);
}
