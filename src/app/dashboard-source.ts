import type { Redis } from 'ioredis';
import { answerAlertsOverview } from '../alerts/alerts-overview.ts';
import type { Config } from '../config.ts';
import { createAnswerCache } from '../queries/answer-cache.ts';
import { answerBusinessOverview } from '../queries/business-overview.ts';
import { type DashboardSource, sectionBudgets } from '../queries/dashboard.ts';
import { answerHealthOverview, type HealthSource } from '../queries/health-overview.ts';
import { answerMlOverview } from '../queries/ml.ts';
import type { Log } from '../telemetry/log.ts';
import type { Clock } from '../time.ts';

interface DashboardOptions {
  health: HealthSource;
  /** Shares sections between processes. */
  redis: Redis | undefined;
  /** Of the service: what another one remembers may look otherwise. */
  version: string;
  config: Pick<Config, 'dashboardCacheTtl'>;
  clock: Clock;
  log: Pick<Log, 'warn'>;
}

/** Where the sections of the dashboard come from. */
export const dashboardSource = ({
  health,
  redis,
  version,
  config,
  clock,
  log,
}: DashboardOptions): DashboardSource => ({
  makers: {
    health: (question) => answerHealthOverview(health, question),
    ml: (question) => answerMlOverview(health.pool, question),
    business: (question) => answerBusinessOverview(health.pool, question),
    alerts: (question) => answerAlertsOverview(health.pool, question),
  },
  budgets: sectionBudgets,
  cache: createAnswerCache({ redis, clock, version }),
  ttl: config.dashboardCacheTtl,
  clock,
  log,
});
