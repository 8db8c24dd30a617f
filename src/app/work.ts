import { enterBuiltInRules } from '../alerts/configs/built-in.ts';
import { AlertEngine } from '../alerts/evaluation/engine.ts';
import { sharesOfLanes } from '../alerts/evaluation/evaluator.ts';
import { alertJobs } from '../alerts/history/retention.ts';
import { createPrometheusSource } from '../alerts/observing/prometheus.ts';
import { alertCharts } from '../alerts/preview/alert-chart.ts';
import { sessionJobs } from '../auth/sessions/forget-sessions.ts';
import { createDestinations } from '../exports/delivery/destinations.ts';
import { exportFolder } from '../exports/delivery/export-folder.ts';
import { MonthScheduler } from '../exports/periods/scheduler.ts';
import { EXPORT_LEASE, ExportWorker } from '../exports/running/worker.ts';
import type { DependencyCheck } from '../http/admin/status-routes.ts';
import type { Ingest } from '../ingestion/ingest.ts';
import { spanJobs } from '../ingestion/spans/forget-spans.ts';
import { startJobs } from '../jobs/start-jobs.ts';
import { reportingUnreached } from '../notifications/outbox/unreached.ts';
import { routeByPreference } from '../notifications/routing/route-notice.ts';
import { startNotifications } from '../notifications/start-notifications.ts';
import type { FreshnessCache } from '../queries/reading/freshness-cache.ts';
import { startMeasuringQuotas } from '../quotas/measure-use.ts';
import { limitsOf } from '../quotas/quota.ts';
import { rollupJobs } from '../rollups/jobs.ts';
import { RollupWorker } from '../rollups/worker.ts';
import { prometheusApi } from '../telemetry/prometheus/api.ts';
import { SECOND } from '../time.ts';
import { version } from '../version.ts';
import type { AppContext } from './app-context.ts';
import type { Stores } from './stores.ts';

/** Longer than the timeout of a provider, because a notice that is cut off is sent again. */
const LAST_NOTICES = 12 * SECOND;
/** A worker runs one transaction at a time. One that is cut off is rolled back, and the next worker repeats it. */
const LAST_ROUND = 5 * SECOND;

export async function startWorking(
  context: AppContext,
  { writePool, exportPool }: Stores,
  freshnessCache: FreshnessCache,
  ingest: Ingest,
): Promise<DependencyCheck[]> {
  const { config, onStop } = context;
  const prometheus = config.prometheusUrl === undefined ? undefined : prometheusApi(config.prometheusUrl);
  const notifications = await startNotifications({
    ...context,
    pool: writePool,
    chartOf: alertCharts({ pool: writePool, prometheus }, context.clock),
  });
  onStop(() => notifications.stop(), LAST_NOTICES);
  const alerts = new AlertEngine({
    ...context,
    pool: writePool,
    ingest,
    ownOrg: config.selfReportOrg,
    shares: sharesOfLanes(config.alertEvaluationBudget),
    route: reportingUnreached(context, routeByPreference),
    onEvaluated: () => notifications.wake(),
    prometheus: createPrometheusSource(prometheus),
  });
  const worker = new RollupWorker({
    ...context,
    pool: writePool,
    interval: config.rollupInterval,
    onRolledUp: async (orgIds) => {
      await Promise.all([freshnessCache.forget(orgIds), alerts.dataArrived(orgIds)]);
    },
  });
  if (config.builtInAlerts === 'on') await enterBuiltInRules(writePool, context.clock.now());
  alerts.start();
  onStop(() => alerts.stop(), LAST_ROUND);
  worker.start();
  onStop(() => worker.stop(), LAST_ROUND);
  const exports = startExporting(context, { writePool, exportPool });
  const months = new MonthScheduler({
    ...context,
    pool: writePool,
    limits: limitsOf(config),
    rawRetention: config.rawRetention,
    issuer: config.exportIssuerName,
  });
  months.start();
  onStop(() => months.stop(), LAST_ROUND);
  const quotas = startMeasuringQuotas({ ...context, pool: writePool, limits: limitsOf(config) });
  onStop(() => quotas.stop(), LAST_ROUND);
  const onPool = { ...config, ...context, pool: writePool };
  const jobs = await startJobs(
    [...rollupJobs(onPool), ...alertJobs(onPool), ...spanJobs(onPool), ...sessionJobs(onPool)],
    onPool,
  );
  onStop(() => jobs.stop(), LAST_ROUND);
  return [
    { name: 'roll-up', check: () => worker.check() },
    { name: 'alerts', check: () => alerts.check() },
    { name: 'notifications', check: () => notifications.check() },
    { name: 'exports', check: () => exports.check() },
    { name: 'export schedules', check: () => months.check() },
  ];
}

function startExporting(
  context: AppContext,
  { writePool, exportPool }: Pick<Stores, 'writePool' | 'exportPool'>,
): ExportWorker {
  const { config, onStop, news } = context;
  const worker = new ExportWorker({
    ...context,
    pool: writePool,
    exportPool,
    destinations: createDestinations(config),
    exportDir: exportFolder(config),
    concurrency: config.exportWorkerConcurrency,
    retention: config.exportRetention,
    lease: EXPORT_LEASE,
    issuer: config.exportIssuerName,
    version,
  });
  worker.start();
  news.addEventListener('export', () => worker.wake());
  onStop(() => worker.stop(), LAST_ROUND);
  return worker;
}
