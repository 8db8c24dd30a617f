import type { Database } from '../../database/pool.ts';
import { STALE_AFTER } from '../../queries/reading/freshness.ts';
import { SECOND } from '../../time.ts';
import { readRule } from '../rules/read-rule.ts';
import { insertConfigs } from './insert-configs.ts';

/** The creator of the built-in rules, as lists show it. */
const MAKER = 'tidemark';

const common = { type: 'threshold_above', intervalSeconds: 30 } as const;

/** The rules over all orgs that watch the service itself, by their built-in name. */
const builtInRules = {
  stalled_evaluator: {
    ...common,
    name: 'Tidemark: alert rules are not evaluated',
    description: 'A rule has been due for more than two minutes: there are too few workers, or one hangs.',
    metric: 'service.evaluation_lag_seconds',
    threshold: 120,
    recoveryThreshold: 30,
    forSeconds: 60,
    severity: 'critical',
  },
  failing_rules: {
    ...common,
    name: 'Tidemark: alert rules cannot be evaluated',
    description:
      'Rules of the org have failed five times in a row, for five minutes. They cannot fire. GET /api/v1/analytics/alerts/configs gives the failure of each.',
    metric: 'service.failing_rules',
    groupBy: ['orgId'],
    threshold: 0,
    forSeconds: 300,
    recoverySeconds: 0,
    severity: 'critical',
  },
  growing_outbox: {
    ...common,
    name: 'Tidemark: notices are not sent',
    description:
      'A notice has been due for more than two minutes: no worker sends notices, or a provider hangs.',
    metric: 'service.outbox_oldest_seconds',
    threshold: 120,
    recoveryThreshold: 30,
    forSeconds: 60,
    severity: 'critical',
  },
  failing_channel: {
    ...common,
    name: 'Tidemark: a channel fails',
    description:
      'A notice was given up within the last hour, or fails again and again. Its failure says why.',
    metric: 'service.failed_notices',
    groupBy: ['channel'],
    threshold: 0,
    windowSeconds: 3_600,
    severity: 'warning',
  },
  failing_schedule: {
    ...common,
    name: 'Tidemark: an export schedule fails',
    description:
      'Closing a month or writing its files has failed twice in a row. GET /analytics/v1/orgs/{orgId}/export-schedules says why.',
    metric: 'service.export_schedule_failures',
    threshold: 1,
    severity: 'warning',
  },
  overdue_month: {
    ...common,
    name: 'Tidemark: a month is not closed',
    description: 'A month was due a day ago and is not closed, or its files are not written.',
    metric: 'service.month_overdue_seconds',
    threshold: 86_400,
    severity: 'warning',
  },
  filling_quota: {
    ...common,
    name: 'Tidemark: an org has nearly used up a quota',
    description: 'The org uses at least 80 % of the quota; see GET /analytics/v1/orgs/{orgId}/limits.',
    metric: 'service.quota_share',
    groupBy: ['quota', 'orgId'],
    threshold: 0.8,
    recoveryThreshold: 0.75,
    severity: 'warning',
  },
  stale_rollups: {
    ...common,
    name: 'Tidemark: numbers are behind',
    description: 'Events were stored more than five minutes ago and are not in the numbers yet.',
    metric: 'freshness.lag_seconds',
    threshold: STALE_AFTER / SECOND,
    recoveryThreshold: 60,
    forSeconds: 60,
    severity: 'warning',
  },
};

/**
 * Adds the missing built-in rules, due at once. An existing built-in rule stays as an admin has changed it. If another
 * rule has the name of a built-in rule, the built-in rule is not added.
 * @returns how many were added
 */
export async function enterBuiltInRules(database: Database, now: number): Promise<number> {
  const configs = Object.entries(builtInRules).map(([builtIn, given]) => {
    const rule = readRule(given, { allOrgs: true });
    if (Array.isArray(rule)) throw new Error(`the built-in rule ${builtIn}: ${JSON.stringify(rule)}`);
    return { orgId: null, rule, builtIn };
  });
  const ids = await insertConfigs(database, configs, { actorId: MAKER, now });
  return ids.filter((id) => id !== undefined).length;
}
