import type { Queries } from '../../database/pool.ts';
import type { Realtime, RealtimeSource } from '../../telemetry/prometheus/realtime.ts';
import { MINUTE } from '../../time.ts';
import { type AdminFrame, type AdminQuestion, frameOf } from '../reading/admin-question.ts';
import { planRead, type ReadPlan } from '../reading/read-plan.ts';
import { askRollups } from '../reading/rollup-question.ts';
import {
  type RequestFigures,
  type RequestRow,
  RequestTally,
  requestRows,
  secondsPast,
} from './request-figures.ts';
import { type HealthReason, type HealthStatus, type HealthThresholds, healthOf } from './status.ts';

export interface HealthSource {
  database: Queries;
  realtime: RealtimeSource;
  thresholds: HealthThresholds;
}

export interface HealthOverview extends AdminFrame {
  /** How things are now, whatever range was asked for. */
  status: HealthStatus;
  reasons: HealthReason[];
  thresholds: HealthThresholds & { windowSeconds: number };
  /** Requests to the platform over the range. */
  platform: RequestFigures & { source: 'rollups' };
  /** This service itself, of the last moments. */
  service: Realtime;
}

/** What the status looks at: long enough for some requests, short enough to be of now. */
const STATUS_WINDOW = 5 * MINUTE;

/** Whether the platform and the service are well, and their figures. */
export async function answerHealthOverview(
  { database, realtime, thresholds }: HealthSource,
  question: AdminQuestion,
): Promise<HealthOverview> {
  const { orgId, range, timezone, now } = question;
  const plan = planRead(range, 'whole', timezone, now);
  const recently = planRead({ start: now - STATUS_WINDOW, end: now }, 'whole', timezone, now);
  const ask = (over: ReadPlan) =>
    askRollups<RequestRow>(database, { ...requestRows(), orgId, plan: over, filters: {} });
  const [asked, recent, service] = await Promise.all([ask(plan), ask(recently), realtime.read()]);
  const figures = figuresOf(asked.rows, secondsPast(plan.covered, now));
  const platform = figuresOf(recent.rows, secondsPast(recently.covered, now));
  return {
    ...frameOf(question, asked.freshness, { plan }),
    ...healthOf({ platform, service, freshness: asked.freshness }, thresholds),
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
