import type { Pool } from 'pg';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Clock } from '../../time.ts';
import type { EvaluationResult } from '../observing/evaluation.ts';
import type { AskPrometheus } from '../observing/prometheus.ts';
import type { ClaimedConfig } from './claimed-config.ts';

/** Everything that evaluation needs. */
export interface Evaluator {
  pool: Pool;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'alertEvaluationSeconds' | 'alertTransitions'>;
  route: RouteNotice;
  askPrometheus: AskPrometheus;
  /** Evaluations whose session was lost before the result was stored. Each stays here until its config says so. */
  lost: Set<FinishedEvaluation>;
}

/**
 * Kinds of rules that do not wait for each other. PromQL waits for another server, and a rule that watches the service
 * itself has to report slow rules.
 */
export const lanes = ['rollups', 'prometheus', 'service'] as const;
export type Lane = (typeof lanes)[number];

export interface FinishedEvaluation {
  config: ClaimedConfig;
  /** The moment that was evaluated; milliseconds. */
  now: number;
  /** The duration; milliseconds. */
  took: number;
  result: EvaluationResult;
}
