import type { Queryable } from '../../database/pool.ts';
import type { Realtime, RealtimeSource } from '../../telemetry/prometheus/realtime.ts';
import { type AdminQuery, type AnswerMetadata, metadataOf } from '../reading/admin-query.ts';
import { labelFilters } from '../reading/alternatives.ts';
import { queryRollups } from '../reading/query-rollups.ts';
import { planRead, type ReadPlan } from '../reading/read-plan.ts';
import {
  type RequestFigures,
  type RequestRow,
  RequestTally,
  requestSelection,
  secondsPast,
} from './request-figures.ts';
import {
  type HealthReason,
  type HealthStatus,
  type HealthThresholds,
  healthOf,
  STATUS_WINDOW,
} from './status.ts';

export interface HealthSource {
  database: Queryable;
  realtime: RealtimeSource;
  thresholds: HealthThresholds;
}

export interface HealthOverview extends AnswerMetadata {
  /** The current status, whatever the range. */
  status: HealthStatus;
  reasons: HealthReason[];
  thresholds: HealthThresholds & { windowSeconds: number };
  /** Requests to the platform over the range. */
  platform: RequestFigures & { source: 'rollups' };
  /** This service itself, over the real-time window. */
  service: Realtime;
}

/** The health of the platform and of the service, with their figures. */
export async function answerHealthOverview(
  { database, realtime, thresholds }: HealthSource,
  query: AdminQuery,
): Promise<HealthOverview> {
  const { orgId, now } = query;
  const plan = planRead(query, 'whole');
  const recently = planRead({ ...query, range: { start: now - STATUS_WINDOW, end: now } }, 'whole');
  const read = (over: ReadPlan) =>
    queryRollups<RequestRow>(database, {
      ...requestSelection(),
      orgId,
      plan: over,
      filters: labelFilters(query.labels),
    });
  const [inRange, recent, service] = await Promise.all([read(plan), read(recently), realtime.read()]);
  const figures = figuresOf(inRange.rows, secondsPast(plan.covered, now));
  const platform = figuresOf(recent.rows, secondsPast(recently.covered, now));
  return {
    ...metadataOf(query, inRange.freshness, { plan }),
    ...healthOf({ platform, service, freshness: inRange.freshness }, thresholds),
    thresholds: { ...thresholds, windowSeconds: STATUS_WINDOW / 1_000 },
    platform: { source: 'rollups', ...figures },
    service,
  };
}

function figuresOf(rows: readonly RequestRow[], seconds: number): RequestFigures {
  const tally = new RequestTally();
  for (const row of rows) tally.add(row);
  return tally.figures(seconds);
}
