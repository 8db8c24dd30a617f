import type { Pool } from 'pg';
import type { AlertConfig } from '../../../src/alerts/configs/alert-configs.ts';
import { createConfigs } from '../../../src/alerts/configs/store-configs.ts';
import { evaluateDue } from '../../../src/alerts/evaluation/evaluate-due.ts';
import { type Evaluator, sharesOfLanes } from '../../../src/alerts/evaluation/evaluator.ts';
import { createPrometheusSource } from '../../../src/alerts/observing/prometheus.ts';
import { readRule } from '../../../src/alerts/rules/read-rule.ts';
import type { Rule } from '../../../src/alerts/rules/rule.ts';
import { routeByPreference } from '../../../src/notifications/routing/route-notice.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { type Clock, SECOND } from '../../../src/time.ts';
import { silentLog } from '../events/ingestion.ts';

/** A rule that watches the error rate of a minute, changed as the test needs. */
function alertRule(changes: object = {}, allOrgs = false): Rule {
  const rule = readRule(
    {
      name: 'Errors',
      metric: 'usage.error_rate',
      type: 'threshold_above',
      threshold: 0.5,
      windowSeconds: 60,
      intervalSeconds: 5,
      cooldownSeconds: 0,
      ...changes,
    },
    { allOrgs },
  );
  if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
  return rule;
}

/** Evaluation against a test database, one round at a time. */
export function alertsOn(database: { readonly pool: Pool }, clock: Clock) {
  const evaluator = (): Evaluator => ({
    pool: database.pool,
    clock,
    log: silentLog,
    metrics: createMetrics(),
    route: routeByPreference,
    prometheus: createPrometheusSource(undefined),
    lost: new Set(),
    shares: sharesOfLanes(20 * SECOND),
  });
  return {
    evaluator,
    /** Evaluates all due rules, and returns their number. */
    evaluateAll: async (of = evaluator()): Promise<number> => {
      let evaluated = 0;
      for (const lane of ['rollups', 'service'] as const) {
        while (await evaluateDue(of, lane)) evaluated++;
      }
      return evaluated;
    },
    addConfig: async (changes: object, orgId: string | null = 'acme'): Promise<AlertConfig> => {
      const change = { actorId: 'test', now: clock.now() };
      const wanted = [{ orgId, rule: alertRule(changes, orgId === null) }];
      const [config] = await createConfigs(database.pool, wanted, change);
      if (!config) throw new Error('the config was not made');
      return config;
    },
  };
}

/** The sources of a preview without preferences. */
export function previewSources(pool: Pool) {
  return {
    pool,
    prometheus: undefined,
    route: routeByPreference,
    defaults: { email: [], sms: [], slack: [] },
  };
}
