import type { Pool } from 'pg';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Clock } from '../../time.ts';
import type { EvaluationResult } from '../observing/evaluation.ts';
import type { PrometheusSource } from '../observing/prometheus.ts';
import type { ClaimedConfig } from './claimed-config.ts';
import { EvaluationShares } from './evaluation-shares.ts';

/** Everything that evaluation needs. */
export interface Evaluator {
  pool: Pool;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'alertEvaluationSeconds' | 'alertTransitions' | 'alertWaitSeconds'>;
  route: RouteNotice;
  prometheus: PrometheusSource;
  shares: Readonly<Record<Lane, EvaluationShares>>;
  /** Evaluations whose session was lost before the result was stored. Each stays here until its config says so. */
  lost: Set<FinishedEvaluation>;
}

/**
 * Kinds of rules that do not wait for each other. PromQL waits for another server, and a rule that watches the service
 * itself has to report slow rules.
 */
export const lanes = ['rollups', 'prometheus', 'service'] as const;
export type Lane = (typeof lanes)[number];

/** @param budget milliseconds of evaluation in a minute that an owner of rules has in each lane */
export function sharesOfLanes(budget: number): Evaluator['shares'] {
  return {
    rollups: new EvaluationShares(budget),
    prometheus: new EvaluationShares(budget),
    service: new EvaluationShares(budget),
  };
}

export interface FinishedEvaluation {
  config: ClaimedConfig;
  /** The moment that was evaluated; milliseconds. */
  now: number;
  /** The duration; milliseconds. */
  took: number;
  result: EvaluationResult;
}
