import type { Pool } from 'pg';
import type { RouteNotice } from '../notifications/route-notice.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time.ts';
import type { AskPrometheus } from './observe-prometheus.ts';

/** What evaluation needs. */
export interface Evaluator {
  pool: Pool;
  /** Values are read on connections of their own: whoever waits for one while holding another may wait forever. */
  readPool: Pool;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'alertEvaluationSeconds' | 'alertTransitions'>;
  route: RouteNotice;
  askPrometheus: AskPrometheus;
}

/** Rules over PromQL wait for another server, and must not keep the others waiting. */
export type Lane = 'rollups' | 'prometheus';

/** A config as it was claimed. */
export interface ClaimedConfig {
  id: string;
  org_id: string | null;
  name: string;
  rule: unknown;
  version: number;
  interval_seconds: number;
  silenced_until: Date | null;
  next_evaluation_at: Date;
  last_evaluated_at: Date | null;
  failures: number;
}
