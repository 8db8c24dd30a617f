import type { Pool } from 'pg';
import { ConfigChanges } from '../../alerts/configs/change-configs.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import type { DefaultRecipients } from '../../notifications/routing/routing.ts';
import type { PrometheusApi } from '../../telemetry/prometheus/api.ts';
import type { Clock } from '../../time.ts';
import type { Server } from '../shell/typed-server.ts';
import { registerAcknowledgeRoutes } from './acknowledge-routes.ts';
import { registerAlertActsRoutes } from './acts-routes.ts';
import { registerAlertConfigsRoutes } from './configs-routes.ts';
import { registerAlertFilesRoutes } from './files-routes.ts';
import { registerAlertHistoryRoutes } from './history-routes.ts';
import { registerAlertPreviewRoutes } from './preview-routes.ts';

export interface AlertsOptions {
  readPool: Pool;
  writePool: Pool;
  clock: Clock;
  audit: RecordAudit;
  /** Where rules over PromQL are replayed; none where none is set up. */
  prometheus: PrometheusApi | undefined;
  /** Who is told when people change a rule, or act on an alert. */
  route: RouteNotice;
  /** Who is told where preferences name nobody. */
  defaults: DefaultRecipients;
  /** What rules may call Slack's webhooks; `undefined` where this process cannot know. */
  slackNames: readonly string[] | undefined;
}

/** Everything about alerts: their rules, and what became of them. */
export function registerAlertsRoutes(server: Server, options: AlertsOptions): void {
  const { readPool, writePool, audit } = options;
  const changes = new ConfigChanges({ ...options, pool: writePool });
  registerAlertConfigsRoutes(server, { pool: readPool, changes, audit });
  registerAlertFilesRoutes(server, { pool: readPool, changes });
  registerAlertHistoryRoutes(server, { pool: readPool, audit });
  registerAcknowledgeRoutes(server, { ...options, pool: writePool });
  registerAlertActsRoutes(server, { ...options, pool: writePool });
  registerAlertPreviewRoutes(server, { ...options, pool: readPool });
}
