import { DAY, SECOND, sleep } from '../time.ts';
import type { DemoApi } from './api.ts';
import { demoOrgs } from './world.ts';

const POLL_EVERY = SECOND / 5;

/** The figures of a model of an org in the last 24 hours. */
export interface ModelDay {
  orgId: string;
  modelId: string;
  requests: number;
  /** A share of the requests, 0 to 1. */
  errorRate: number;
  /** Milliseconds; null without requests. */
  latencyMs: Record<'p50' | 'p95' | 'p99', number | null>;
  inputTokens: number;
  outputTokens: number;
  costCents: number;
}

interface UsageAnswer {
  series: {
    modelId: string | null;
    invocations: number;
    inputTokens: number;
    outputTokens: number;
    costEstimateCents: number;
  }[];
  freshness: { asOf: string };
}

interface ReliabilityAnswer {
  totals: Pick<ModelDay, 'errorRate' | 'latencyMs'>;
}

/** Reads the figures of each model of each org for the 24 hours before `now` (milliseconds since the epoch). */
export async function readLastDay(api: DemoApi, now: number): Promise<ModelDay[]> {
  const range = {
    start: new Date(now - DAY).toISOString(),
    end: new Date(now).toISOString(),
    granularity: 'hour',
  };
  const days: ModelDay[] = [];
  for (const { orgId } of demoOrgs) {
    const path = `/analytics/v1/orgs/${orgId}`;
    const { series } = await api.get<UsageAnswer>(`${path}/usage`, { ...range, groupBy: 'model' });
    const models = Map.groupBy(series, ({ modelId }) => modelId);
    for (const [modelId, points] of models) {
      if (modelId === null) continue;
      const sum = (of: (point: (typeof points)[0]) => number) =>
        points.reduce((total, point) => total + of(point), 0);
      const { totals } = await api.get<ReliabilityAnswer>(`${path}/reliability`, { ...range, modelId });
      days.push({
        orgId,
        modelId,
        requests: sum(({ invocations }) => invocations),
        errorRate: totals.errorRate,
        latencyMs: totals.latencyMs,
        inputTokens: sum(({ inputTokens }) => inputTokens),
        outputTokens: sum(({ outputTokens }) => outputTokens),
        costCents: sum(({ costEstimateCents }) => costEstimateCents),
      });
    }
  }
  return days;
}

/** Resolves once all events stored before `now` are in the numbers of every org, or on a stop signal. */
export async function untilRolledUp(api: DemoApi, now: number, stopRequested: AbortSignal): Promise<void> {
  for (const { orgId } of demoOrgs) {
    while (!stopRequested.aborted) {
      const { freshness } = await api.get<UsageAnswer>(`/analytics/v1/orgs/${orgId}/usage`);
      if (Date.parse(freshness.asOf) >= now) break;
      await sleep(POLL_EVERY, stopRequested);
    }
  }
}
