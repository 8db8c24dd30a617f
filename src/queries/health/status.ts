import type { Config } from '../../config.ts';
import type { Realtime } from '../../telemetry/prometheus/realtime.ts';
import { MINUTE, SECOND } from '../../time.ts';
import { type Freshness, STALE_AFTER } from '../reading/freshness.ts';
import type { RequestFigures } from './request-figures.ts';

export type HealthStatus = 'ok' | 'degraded' | 'down';

/** The thresholds from which a figure is unhealthy. */
export interface HealthThresholds {
  /** Share of requests answered with 5xx, 0 to 1. */
  errorRate: number;
  downErrorRate: number;
  latencyP95Ms: number;
  /** With fewer requests, error rate and latency are ignored. */
  minimumRequests: number;
}

const MINIMUM_REQUESTS = 20;

/** The status is judged over this window: long enough for some requests, short enough to be current. */
export const STATUS_WINDOW = 5 * MINUTE;

/** The thresholds from the settings. */
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

/** All reasons for a status that is not ok, with the status they cause. */
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
  /** The figure; null if the reason has none. */
  value: number | null;
  /** The threshold that it passed. */
  threshold: number | null;
  message: string;
}

interface HealthFigures {
  /** Requests to the platform over the status window. */
  platform: Pick<RequestFigures, 'requests' | 'errorRate' | 'latencyMs'>;
  service: Pick<Realtime, 'requestRate' | 'windowSeconds' | 'errorRate' | 'latencyMs' | 'unreachable'>;
  freshness: Pick<Freshness, 'status' | 'lagSeconds'>;
}

/** The current status, with every reason why it is not ok. Missing figures are ignored. */
export function healthOf(
  { platform, service, freshness }: HealthFigures,
  thresholds: HealthThresholds,
): { status: HealthStatus; reasons: HealthReason[] } {
  const reasons: HealthReason[] = [];
  const add = (code: HealthReasonCode, message: string, value: number | null, threshold: number | null) =>
    reasons.push({ code, status: healthReasons[code], value, threshold, message });

  const check = (
    subject: 'platform' | 'service',
    requests: number,
    errorRate: number | null,
    p95: number | null,
  ) => {
    if (requests < thresholds.minimumRequests) return;
    // A page may show the same figure over another range, so the message names its own.
    const window = subject === 'platform' ? STATUS_WINDOW : service.windowSeconds * SECOND;
    const recent = `requests to the ${subject} in the last ${lengthOf(window)}`;
    const share = `${percent(errorRate ?? 0)} of ${Math.round(requests)} ${recent} failed`;
    if (errorRate !== null && errorRate >= thresholds.downErrorRate) {
      add(`${subject}_failing`, share, errorRate, thresholds.downErrorRate);
    } else if (errorRate !== null && errorRate >= thresholds.errorRate) {
      add(`${subject}_errors`, share, errorRate, thresholds.errorRate);
    }
    if (p95 !== null && p95 > thresholds.latencyP95Ms) {
      const message = `the p95 of the ${recent} is ${Math.round(p95)} ms; the limit is ${thresholds.latencyP95Ms} ms`;
      add(`${subject}_slow`, message, p95, thresholds.latencyP95Ms);
    }
  };
  check('platform', platform.requests, platform.errorRate, platform.latencyMs.p95);
  const served = (service.requestRate ?? 0) * service.windowSeconds;
  check('service', served, service.errorRate, service.latencyMs.p95);
  for (const name of service.unreachable) {
    add('process_unreachable', `the process at ${name} does not answer`, null, null);
  }
  if (freshness.status !== 'fresh') {
    const message = `figures are ${Math.round(freshness.lagSeconds)} s behind the stored events`;
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

function lengthOf(window: number): string {
  const minutes = window / MINUTE;
  if (!Number.isInteger(minutes)) return `${Math.round(window / SECOND)} seconds`;
  return minutes === 1 ? 'minute' : `${minutes} minutes`;
}
