import type { Config } from '../../config.ts';
import type { Realtime } from '../../telemetry/prometheus/realtime.ts';
import { SECOND } from '../../time.ts';
import { type Freshness, STALE_AFTER } from '../reading/freshness.ts';
import type { RequestFigures } from './request-figures.ts';

export type HealthStatus = 'ok' | 'degraded' | 'down';

/** When a figure is no longer well. */
export interface HealthThresholds {
  /** Share of requests answered with 5xx, 0 to 1. */
  errorRate: number;
  downErrorRate: number;
  latencyP95Ms: number;
  /** Fewer requests than these say nothing. */
  minimumRequests: number;
}

const MINIMUM_REQUESTS = 20;

/** The thresholds that the operator has set. */
export function healthThresholds({
  healthErrorPercent,
  healthDownPercent,
  healthLatency,
}: Pick<Config, 'healthErrorPercent' | 'healthDownPercent' | 'healthLatency'>): HealthThresholds {
  return {
    errorRate: healthErrorPercent / 100,
    downErrorRate: healthDownPercent / 100,
    latencyP95Ms: healthLatency,
    minimumRequests: MINIMUM_REQUESTS,
  };
}

/** Everything that can be wrong, with how bad it is. */
export const healthReasons = {
  platform_failing: 'down',
  platform_errors: 'degraded',
  platform_slow: 'degraded',
  service_failing: 'down',
  service_errors: 'degraded',
  service_slow: 'degraded',
  process_unreachable: 'degraded',
  rollups_behind: 'degraded',
} as const satisfies Record<string, HealthStatus>;

export type HealthReasonCode = keyof typeof healthReasons;

export interface HealthReason {
  code: HealthReasonCode;
  status: HealthStatus;
  /** The figure, and what it was held against; null where it is no number. */
  value: number | null;
  threshold: number | null;
  message: string;
}

interface Observed {
  /** Requests to the platform in the last minutes. */
  platform: Pick<RequestFigures, 'requests' | 'errorRate' | 'latencyMs'>;
  service: Pick<Realtime, 'requestRate' | 'windowSeconds' | 'errorRate' | 'latencyMs' | 'unreachable'>;
  freshness: Pick<Freshness, 'status' | 'lagSeconds'>;
}

/** How well things are now, and every reason why they are not. Figures that are missing say nothing. */
export function healthOf(
  { platform, service, freshness }: Observed,
  thresholds: HealthThresholds,
): { status: HealthStatus; reasons: HealthReason[] } {
  const reasons: HealthReason[] = [];
  const add = (code: HealthReasonCode, message: string, value: number | null, threshold: number | null) =>
    reasons.push({ code, status: healthReasons[code], value, threshold, message });

  const judge = (
    who: 'platform' | 'service',
    requests: number,
    errorRate: number | null,
    p95: number | null,
  ) => {
    if (requests < thresholds.minimumRequests) return;
    const share = `${percent(errorRate ?? 0)} of ${Math.round(requests)} requests to the ${who} failed`;
    if (errorRate !== null && errorRate >= thresholds.downErrorRate) {
      add(`${who}_failing`, share, errorRate, thresholds.downErrorRate);
    } else if (errorRate !== null && errorRate >= thresholds.errorRate) {
      add(`${who}_errors`, share, errorRate, thresholds.errorRate);
    }
    if (p95 !== null && p95 > thresholds.latencyP95Ms) {
      const message = `one in twenty requests to the ${who} took more than ${Math.round(p95)} ms`;
      add(`${who}_slow`, message, p95, thresholds.latencyP95Ms);
    }
  };
  judge('platform', platform.requests, platform.errorRate, platform.latencyMs.p95);
  const served = (service.requestRate ?? 0) * service.windowSeconds;
  judge('service', served, service.errorRate, service.latencyMs.p95);
  for (const name of service.unreachable) {
    add('process_unreachable', `the process at ${name} does not answer`, null, null);
  }
  if (freshness.status !== 'fresh') {
    const message = `figures are ${Math.round(freshness.lagSeconds)} s behind what is stored`;
    add('rollups_behind', message, freshness.lagSeconds, STALE_AFTER / SECOND);
  }
  return { status: worstOf(reasons), reasons };
}

function worstOf(reasons: readonly HealthReason[]): HealthStatus {
  if (reasons.some(({ status }) => status === 'down')) return 'down';
  return reasons.length > 0 ? 'degraded' : 'ok';
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
