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

/** The sources of the past and of the recipients. */
export interface PreviewSources extends Routing {
  pool: Pool;
  prometheus: PrometheusApi | undefined;
}

/**
 * Replays a rule over the last thirty days, with the function that decides live, and finds the recipients of its
 * notices.
 * @throws {CodedError} `invalid_request` for a metric without history, `unavailable` without Prometheus
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
    `${rule.metric} cannot be replayed, because no history of it is kept. Metrics of events, freshness.lag_seconds and prometheus can be replayed`,
  );
}
