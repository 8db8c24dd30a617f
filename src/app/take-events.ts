import type { DependencyCheck } from '../http/admin/status-routes.ts';
import type { Ingest } from '../ingestion/ingest.ts';
import { startRabbitmq } from '../ingestion/rabbitmq/start-rabbitmq.ts';
import { SelfReport } from '../ingestion/self-report.ts';
import { startIngestion } from '../ingestion/start-ingestion.ts';
import type { AppContext } from './app-context.ts';
import type { Stores } from './stores.ts';

export function startTakingEvents(
  context: AppContext,
  { storePool, writePool }: Stores,
): { ingest: Ingest; isBusy: () => boolean; checks: DependencyCheck[] } {
  const { config, onStop } = context;
  const ingestion = startIngestion({ ...context, pool: storePool });
  onStop(() => ingestion.stop());
  if (!config.roles.includes('ingest')) return { ...ingestion, checks: [] };
  const checks = [{ name: 'ingestion', check: () => ingestion.check() }];
  if (config.rabbitmqUrl === undefined) return { ...ingestion, checks };
  const rabbitmq = startRabbitmq({
    ...context,
    url: config.rabbitmqUrl,
    pool: writePool,
    ingest: ingestion.ingest,
  });
  onStop(() => rabbitmq.stop());
  return { ...ingestion, checks: [...checks, { name: 'rabbitmq', check: () => rabbitmq.check() }] };
}

export function startSelfReport(
  { config, clock, metrics, onStop }: AppContext,
  ingest: Ingest,
  isBusy: () => boolean,
): SelfReport | undefined {
  if (config.selfReport === 'off') return undefined;
  const onDropped = (reports: number) => metrics.selfReportsDropped.inc(reports);
  const report = new SelfReport({ ingest, orgId: config.selfReportOrg, clock, isBusy, onDropped });
  report.start();
  onStop(() => report.stop());
  return report;
}
