import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { answerAlertsOverview } from '../alerts/history/overview.ts';
import type { Config } from '../config.ts';
import { limitQueries } from '../database/limited-queries.ts';
import type { Queryable } from '../database/pool.ts';
import { Semaphore } from '../database/semaphore.ts';
import { answerBusinessOverview } from '../queries/business/overview.ts';
import { createAnswerCache } from '../queries/dashboard/answer-cache.ts';
import {
  type DashboardSection,
  type DashboardSource,
  dashboardSections,
  sectionBudgets,
} from '../queries/dashboard/dashboard.ts';
import { answerHealthOverview, type HealthSource } from '../queries/health/overview.ts';
import { answerMlOverview } from '../queries/ml/ml.ts';
import { answerUsageOverview } from '../queries/models/overview.ts';
import type { Log } from '../telemetry/log.ts';
import type { Clock } from '../time.ts';

interface DashboardOptions {
  /** The sections may use a part of its connections. */
  pool: Pool;
  health: Omit<HealthSource, 'database'>;
  /** Shares sections between processes. */
  redis: Redis | undefined;
  /** Version of the service: a section that another version has cached may have another shape. */
  version: string;
  config: Pick<Config, 'dashboardCacheTtl'>;
  clock: Clock;
  log: Pick<Log, 'warn'>;
}

/** Computes the sections of the dashboard. */
export function dashboardSource({
  pool,
  health,
  redis,
  version,
  config,
  clock,
  log,
}: DashboardOptions): DashboardSource {
  const database = sectionQueries(pool);
  return {
    loaders: {
      usage: (question) => answerUsageOverview(database.usage, question),
      health: (question) => answerHealthOverview({ ...health, database: database.health }, question),
      ml: (question) => answerMlOverview(database.ml, question),
      business: (question) => answerBusinessOverview(database.business, question),
      alerts: (question) => answerAlertsOverview(database.alerts, question),
    },
    budgets: sectionBudgets,
    cache: createAnswerCache({ redis, clock, version }),
    ttl: config.dashboardCacheTtl,
    clock,
    log,
  };
}

/**
 * The connections of each section. A section holds at most half of them, even if its tables are locked, and all sections
 * together leave one for other queries. A section may run for twice its budget: the caller no longer waits then, but the
 * next one gets it from the cache.
 */
function sectionQueries(pool: Pool): Record<DashboardSection, Queryable> {
  const connections = pool.options.max ?? 1;
  const ofAll = new Semaphore(Math.max(1, connections - 1));
  const limited = (section: DashboardSection): Queryable => {
    const ofSection = new Semaphore(Math.max(1, Math.floor(connections / 2)));
    return limitQueries(pool, { semaphores: [ofSection, ofAll], timeoutMs: 2 * sectionBudgets[section] });
  };
  return Object.fromEntries(dashboardSections.map((section) => [section, limited(section)])) as Record<
    DashboardSection,
    Queryable
  >;
}
