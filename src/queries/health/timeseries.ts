import type { Pool } from 'pg';
import { type AdminFrame, type AdminQuestion, bucketingsFor, frameOf } from '../reading/admin-question.ts';
import { planFirst } from '../reading/read-plan.ts';
import { askRollups } from '../reading/rollup-question.ts';
import type { Bucketing } from '../reading/time-buckets.ts';
import { filtersOf } from './api.ts';
import {
  type RequestFigures,
  type RequestRow,
  RequestTally,
  requestCounts,
  requestRows,
  requestTimes,
  secondsPast,
} from './request-figures.ts';

/** What can be followed over time, with its unit and how it is read from the figures of a bucket. */
export const healthMetrics = {
  requests: { unit: 'requests', of: ({ requests }) => requests },
  request_rate: { unit: 'requests/s', of: ({ requestRate }) => requestRate },
  errors: { unit: 'requests', of: ({ errors }) => errors.error },
  error_rate: { unit: 'share', of: ({ errorRate }) => errorRate },
  client_errors: { unit: 'requests', of: ({ errors }) => errors.client_error },
  client_error_rate: { unit: 'share', of: ({ clientErrorRate }) => clientErrorRate },
  latency_avg: { unit: 'ms', of: ({ latencyMs }) => latencyMs.avg },
  latency_p50: { unit: 'ms', of: ({ latencyMs }) => latencyMs.p50 },
  latency_p95: { unit: 'ms', of: ({ latencyMs }) => latencyMs.p95 },
  latency_p99: { unit: 'ms', of: ({ latencyMs }) => latencyMs.p99 },
  latency_max: { unit: 'ms', of: ({ latencyMs }) => latencyMs.max },
} as const satisfies Record<string, { unit: string; of(figures: RequestFigures): number | null }>;

export type HealthMetric = keyof typeof healthMetrics;
export const healthMetricNames = Object.keys(healthMetrics) as HealthMetric[];

export interface HealthSeriesQuestion extends AdminQuestion {
  metric: HealthMetric;
  route: string | undefined;
  method: string | undefined;
}

export interface HealthSeries extends AdminFrame {
  source: 'rollups';
  metric: HealthMetric;
  unit: string;
  granularity: Bucketing;
  /** One point a bucket; null where there were no requests to take a share or a time of. */
  series: { bucketStart: string; value: number | null }[];
  /** The same of the whole range: no average of the points. */
  total: number | null;
}

/** No more than the metric needs: over 30 days of all orgs, counts take an eighth of the time of sketches. */
function rowsFor(metric: HealthMetric) {
  if (!metric.startsWith('latency_')) return requestCounts;
  return metric.startsWith('latency_p') ? requestRows() : requestTimes;
}

/** A figure of requests to the platform, bucket by bucket. */
export async function answerHealthSeries(pool: Pool, question: HealthSeriesQuestion): Promise<HealthSeries> {
  const { orgId, range, timezone, now, metric } = question;
  const { plan, bucketing } = planFirst(range, bucketingsFor(question), timezone, now);
  const { rows, freshness } = await askRollups<RequestRow>(pool, {
    ...rowsFor(metric),
    orgId,
    plan,
    filters: filtersOf(question),
  });
  const { unit, of } = healthMetrics[metric];
  const byBucket = Map.groupBy(rows, ({ bucket }) => bucket);
  const total = new RequestTally();
  const point = new RequestTally();
  const pointOf = (some: readonly RequestRow[], seconds: number) => {
    point.clear();
    for (const row of some) point.add(row);
    total.addTally(point);
    return of(point.figures(seconds));
  };
  const series = plan.boundaries.slice(0, -1).map((start, bucket) => {
    const end = plan.boundaries[bucket + 1] ?? start;
    const within = { start: Math.max(start, plan.covered.start), end: Math.min(end, plan.covered.end) };
    return {
      bucketStart: new Date(start).toISOString(),
      value: pointOf(byBucket.get(bucket) ?? [], secondsPast(within, now)),
    };
  });
  return {
    ...frameOf(question, freshness, { plan }),
    source: 'rollups',
    metric,
    unit,
    granularity: bucketing,
    series,
    total: of(total.figures(secondsPast(plan.covered, now))),
  };
}
