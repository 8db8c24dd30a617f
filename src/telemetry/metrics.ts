import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { version } from '../version.ts';
import { createAlertMetrics } from './metrics/alerts.ts';
import { createDatabaseMetrics } from './metrics/database.ts';
import { createExportMetrics } from './metrics/exports.ts';
import { createHttpMetrics } from './metrics/http.ts';
import { createIngestionMetrics } from './metrics/ingestion.ts';
import { createNotificationMetrics } from './metrics/notifications.ts';
import { createQuotaMetrics } from './metrics/quotas.ts';
import { createRabbitmqMetrics } from './metrics/rabbitmq.ts';
import { createRedisMetrics } from './metrics/redis.ts';
import { createRollupMetrics } from './metrics/rollups.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * Every metric of the service, in a registry of its own. Names follow the Prometheus conventions: base units, and
 * `_total` for counters. No label takes a value that a caller can make up, so there is none for an org or an actor.
 */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'tidemark_' });
  new Gauge({
    name: 'tidemark_build_info',
    help: 'Always 1; the label says which version of Tidemark runs.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  return {
    registry,
    ...createHttpMetrics(registers),
    ...createIngestionMetrics(registers),
    ...createRabbitmqMetrics(registers),
    ...createRollupMetrics(registers),
    ...createAlertMetrics(registers),
    ...createNotificationMetrics(registers),
    ...createExportMetrics(registers),
    ...createQuotaMetrics(registers),
    ...createDatabaseMetrics(registers),
    ...createRedisMetrics(registers),
  };
}
