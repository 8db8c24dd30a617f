import type { Pool } from 'pg';
import { refuseField } from '../../errors.ts';
import type { PrometheusApi } from '../../telemetry/prometheus/api.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';
import type { Past, PastWanted } from './past.ts';
import { pastOfFreshness } from './past-of-freshness.ts';
import { pastOfPrometheus } from './past-of-prometheus.ts';
import { pastOfRollups } from './past-of-rollups.ts';

export interface PastSources {
  pool: Pool;
  prometheus: PrometheusApi | undefined;
}

/**
 * The past of a rule, whatever it watches.
 * @throws {CodedError} `invalid_request` for a metric without history, `unavailable` without Prometheus
 */
export function pastOf({ pool, prometheus }: PastSources, rule: Rule, over: PastWanted): Promise<Past> {
  const metric = watchableMetrics.get(rule.metric);
  if (metric?.kind === 'prometheus') return pastOfPrometheus(prometheus, rule, over);
  if (metric?.kind === 'freshness') return pastOfFreshness(pool, rule, over);
  if (metric?.definition) return pastOfRollups(pool, rule, metric, over);
  throw refuseField(
    '$.metric',
    `${rule.metric} cannot be replayed, because no history of it is kept. Metrics of events, freshness.lag_seconds and prometheus can be replayed`,
  );
}
