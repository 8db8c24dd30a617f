import type { Pool } from 'pg';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Clock } from '../../time.ts';
import type { AskPrometheus } from '../observing/prometheus.ts';
import type { ClaimedConfig } from '../rules/claimed-config.ts';

/** What evaluation needs. */
export interface Evaluator {
  pool: Pool;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'alertEvaluationSeconds' | 'alertTransitions'>;
  route: RouteNotice;
  askPrometheus: AskPrometheus;
  /** Evaluations that ended with their session, until their rules say so. */
  lost: Set<Concluded>;
}

/**
 * Rules that do not wait for those of another lane: PromQL waits for another server, and what watches the service itself
 * has to tell of rules that take long.
 */
export const lanes = ['rollups', 'prometheus', 'service'] as const;
export type Lane = (typeof lanes)[number];

/** An evaluation that is over. */
export interface Concluded {
  config: ClaimedConfig;
  /** Of which moment it was; milliseconds. */
  now: number;
  /** How long it took; milliseconds. */
  took: number;
  /** Why it failed, in words; null when it did not. */
  failure: string | null;
  /** What is not watched though it did not, in words. */
  limitation: string | null;
}
