import type { Pool } from 'pg';
import { ConfigChanges } from '../../alerts/configs/change-configs.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import type { SlackNames } from '../../notifications/channels/slack/slack-destinations.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import type { DefaultRecipients } from '../../notifications/routing/routing.ts';
import type { Limits } from '../../quotas/quota.ts';
import type { PrometheusApi } from '../../telemetry/prometheus/api.ts';
import type { Clock } from '../../time.ts';
import type { Server } from '../shell/typed-server.ts';
import { registerAcknowledgeRoutes } from './acknowledge-routes.ts';
import { registerAlertActionsRoutes } from './actions-routes.ts';
import { registerAlertRoutes } from './alert-routes.ts';
import { registerAlertConfigsRoutes } from './configs-routes.ts';
import { registerAlertFilesRoutes } from './files-routes.ts';
import { registerAlertHistoryRoutes } from './history-routes.ts';
import { registerAlertMetricsRoutes } from './metrics-routes.ts';
import { registerAlertPreviewRoutes } from './preview-routes.ts';
import { registerRuleTestRoutes } from './rule-test-routes.ts';
import { registerAlertSeriesRoutes } from './series-routes.ts';

import { registerSilenceRoutes } from './silence-routes.ts';

export interface AlertsOptions {
  readPool: Pool;
  writePool: Pool;
  clock: Clock;
  audit: RecordAudit;
  /** For previews of rules over PromQL; `undefined` if no Prometheus is set up. */
  prometheus: PrometheusApi | undefined;
  /** Finds the recipients when a person changes a rule or acts on an alert. */
  route: RouteNotice;
  /** Fallback recipients, used when no preference covers the severity. */
  defaults: DefaultRecipients;
  slackNames: SlackNames;
  limits: Limits;
}

/** All routes about alerts and their rules. */
export function registerAlertsRoutes(server: Server, options: AlertsOptions): void {
  const { readPool, writePool, audit } = options;
  const changes = new ConfigChanges({ ...options, pool: writePool });
  registerAlertMetricsRoutes(server);
  registerAlertConfigsRoutes(server, { pool: readPool, changes, audit });
  registerAlertFilesRoutes(server, { ...options, pool: readPool, changes });
  registerSilenceRoutes(server, options);
  registerAlertHistoryRoutes(server, { pool: readPool });
  registerAlertRoutes(server, { pool: readPool, audit });
  registerAcknowledgeRoutes(server, { ...options, pool: writePool });
  registerAlertActionsRoutes(server, { ...options, pool: writePool });
  registerAlertPreviewRoutes(server, { ...options, pool: readPool });
  registerRuleTestRoutes(server, { ...options, pool: writePool });
  registerAlertSeriesRoutes(server, { ...options, pool: readPool });
}
