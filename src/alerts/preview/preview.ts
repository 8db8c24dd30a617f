import type { Pool } from 'pg';
import { refuseField } from '../../errors.ts';
import type { Recipient } from '../../notifications/routing/route-notice.ts';
import type { PrometheusApi } from '../../telemetry/prometheus/api.ts';
import { DAY } from '../../time.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';
import type { Past } from './past.ts';
import { pastOfFreshness } from './past-of-freshness.ts';
import { pastOfPrometheus } from './past-of-prometheus.ts';
import { pastOfRollups } from './past-of-rollups.ts';
import { previewRecipients, type Routing } from './recipients.ts';
import { type Preview, replay } from './replay.ts';

const REACH = 30 * DAY;

/** Where the past is read from, and who is told. */
export interface PreviewSources extends Routing {
  pool: Pool;
  prometheus: PrometheusApi | undefined;
}

/**
 * What a rule would have done over the last thirty days, by the same decision that is made live, and who would have been told.
 * @throws {CodedError} `invalid_request` for a metric of which no history is kept, `unavailable` without Prometheus
 */
export async function previewRule(
  sources: PreviewSources,
  { rule, orgId, now }: { rule: Rule; orgId: string | null; now: number },
): Promise<Preview & { recipients: Recipient[] }> {
  const past = await pastOf(sources, rule, { orgId, now, reach: REACH });
  const recipients = await previewRecipients(sources.pool, sources, { rule, orgId, now });
  return { ...(await replay(rule, past)), recipients };
}

function pastOf(
  { pool, prometheus }: PreviewSources,
  rule: Rule,
  over: { orgId: string | null; now: number; reach: number },
): Promise<Past> {
  const metric = watchableMetrics.get(rule.metric);
  if (metric?.kind === 'prometheus') return pastOfPrometheus(prometheus, rule, over);
  if (metric?.kind === 'freshness') return pastOfFreshness(pool, rule, over);
  if (metric?.definition) return pastOfRollups(pool, rule, metric, over);
  throw refuseField(
    '$.metric',
    `${rule.metric} cannot be replayed: no history of it is kept. What is counted from events can be, freshness.lag_seconds and prometheus`,
  );
}
