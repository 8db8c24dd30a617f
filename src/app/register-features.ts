import type { RecordAudit } from '../auth/audit.ts';
import type { SignInSource } from '../auth/sessions/sign-in.ts';
import { createDestinations } from '../exports/delivery/destinations.ts';
import { exportFolder } from '../exports/delivery/export-folder.ts';
import { LINK_PURPOSE } from '../exports/delivery/signed-link.ts';
import { registerAuditRoutes } from '../http/admin/audit-routes.ts';
import { registerLabelsRoutes } from '../http/admin/labels-routes.ts';
import { registerLimitsRoutes } from '../http/admin/limits-routes.ts';
import { registerMeRoutes } from '../http/admin/me-routes.ts';
import { registerModelAliasesRoutes } from '../http/admin/model-aliases-routes.ts';
import { registerModelPricesRoutes } from '../http/admin/model-prices-routes.ts';
import { registerOrgMetricsRoutes } from '../http/admin/org-metrics-routes.ts';
import { registerOrgsRoutes } from '../http/admin/orgs-routes.ts';
import { registerPricesRoutes } from '../http/admin/prices-routes.ts';
import { registerUnpricedRoutes } from '../http/admin/unpriced-routes.ts';
import { registerAlertsRoutes } from '../http/alerts/routes.ts';
import { registerConflictsRoutes } from '../http/events/conflicts-routes.ts';
import { registerEventFilesRoutes } from '../http/events/file-routes.ts';
import { registerRecentRoutes } from '../http/events/recent-routes.ts';
import { registerStoredEventsRoutes } from '../http/events/stored-routes.ts';
import { registerDownloadsRoutes } from '../http/exports/downloads-routes.ts';
import { registerExportsRoutes } from '../http/exports/exports-routes.ts';
import { registerPeriodsRoutes } from '../http/exports/periods-routes.ts';
import { registerSchedulesRoutes } from '../http/exports/schedules-routes.ts';
import { registerBusinessRoutes } from '../http/figures/business-routes.ts';
import { registerDashboardRoutes } from '../http/figures/dashboard-routes.ts';
import { registerHealthRoutes } from '../http/figures/health-routes.ts';
import { registerMlRoutes } from '../http/figures/ml-routes.ts';
import { registerQueryRoutes } from '../http/figures/query-routes.ts';
import { registerReconciliationRoutes } from '../http/figures/reconciliation-routes.ts';
import { registerDeliveriesRoutes } from '../http/notifications/deliveries-routes.ts';
import { registerInAppRoutes } from '../http/notifications/in-app-routes.ts';
import { registerPreferencesRoutes } from '../http/notifications/preferences-routes.ts';
import { registerTestNoticeRoutes } from '../http/notifications/test-routes.ts';
import { registerWebhooksRoutes } from '../http/notifications/webhooks-routes.ts';
import type { Server } from '../http/shell/typed-server.ts';
import { knownSlackNames } from '../notifications/channels/slack/slack-destinations.ts';
import { createInApp } from '../notifications/outbox/in-app.ts';
import { backlogOf } from '../notifications/outbox/outbox.ts';
import { routeByPreference } from '../notifications/routing/route-notice.ts';
import { signingKey } from '../notifications/signing-key.ts';
import { defaultRecipients, type openChannels } from '../notifications/start-notifications.ts';
import { createCurrentPrices } from '../prices/current-prices.ts';
import { createModelAliasTable } from '../prices/models/model-alias-table.ts';
import { createModelPriceTable } from '../prices/models/model-price-table.ts';
import { createPriceTable } from '../prices/price-table.ts';
import { healthThresholds } from '../queries/health/status.ts';
import type { FreshnessCache } from '../queries/reading/freshness-cache.ts';
import { createLagByOrg } from '../queries/reading/lag-by-org.ts';
import { limitsOf } from '../quotas/quota.ts';
import { prometheusApi } from '../telemetry/prometheus/api.ts';
import type { RealtimeSource } from '../telemetry/prometheus/realtime.ts';
import type { AppContext } from './app-context.ts';
import { dashboardSource } from './dashboard-source.ts';
import { registerSignIn } from './register-sign-in.ts';
import type { Stores } from './stores.ts';

export interface FeatureOptions extends Pick<AppContext, 'config' | 'clock' | 'log' | 'orgMetrics' | 'news'> {
  stores: Pick<Stores, 'readPool' | 'storePool' | 'writePool' | 'redis'>;
  freshnessCache: FreshnessCache;
  realtime: RealtimeSource;
  channels: ReturnType<typeof openChannels>['channels'];
  audit: RecordAudit;
  signIn: Pick<SignInSource, 'sessions' | 'verifyToken' | 'verifyApiKey'>;
  version: string;
}

/** Tells the worker of this process that there is a new export. */
function tellExports(news: EventTarget): () => void {
  return () => void news.dispatchEvent(new Event('export'));
}

/** Registers the routes of every feature. The generator of the OpenAPI document calls it too. */
export function registerFeatures(routes: Server, options: FeatureOptions): void {
  const { config, clock, freshnessCache, realtime, channels, audit } = options;
  const { readPool, storePool, writePool, redis } = options.stores;
  registerQueryRoutes(routes, { pool: readPool, clock, freshnessCache });
  registerReconciliationRoutes(routes, { pool: readPool, clock, freshnessCache });
  registerStoredEventsRoutes(routes, { pool: readPool, clock });
  registerEventFilesRoutes(routes, { pool: readPool, clock });
  registerConflictsRoutes(routes, { pool: readPool, clock });
  registerRecentRoutes(routes, { pool: readPool, clock });
  registerMlRoutes(routes, { pool: readPool, clock });
  registerBusinessRoutes(routes, { pool: readPool, clock });
  const prometheus = config.prometheusUrl === undefined ? undefined : prometheusApi(config.prometheusUrl);
  const slackNames = knownSlackNames(config);
  const limits = limitsOf(config);
  const { smsPrefixes } = config;
  registerMeRoutes(routes);
  registerSignIn(routes, { ...options, database: writePool });
  registerOrgsRoutes(routes, { pool: readPool, clock, audit });
  registerAuditRoutes(routes, readPool);
  const { rawRetention } = config;
  registerLimitsRoutes(routes, { pool: readPool, writePool, clock, limits, rawRetention });
  registerLabelsRoutes(routes, { database: writePool, clock });
  registerAlertsRoutes(routes, {
    readPool,
    writePool,
    clock,
    audit,
    prometheus,
    route: routeByPreference,
    defaults: defaultRecipients(config),
    slackNames,
    limits,
  });
  registerInAppRoutes(routes, { pool: writePool, clock });
  registerPreferencesRoutes(routes, { pool: writePool, clock, slackNames, limits, smsPrefixes });
  registerWebhooksRoutes(routes, { pool: writePool, clock, outboundAllow: config.outboundAllow, limits });
  registerDeliveriesRoutes(routes, { pool: writePool, clock });
  const inApp = createInApp(writePool, clock);
  registerTestNoticeRoutes(routes, {
    channels: new Map([...channels, [inApp.name, inApp]]),
    audit,
    clock,
    pool: writePool,
    limits,
    smsPrefixes,
  });
  const linkKey = () => signingKey(writePool, LINK_PURPOSE);
  const exports = {
    ...{ pool: writePool, clock, audit, limits, linkKey, destinations: createDestinations(config) },
    ...{ linkTtl: config.exportSignedUrlTtl, rawRetention },
    onCreated: tellExports(options.news),
  };
  registerExportsRoutes(routes, exports);
  registerSchedulesRoutes(routes, exports);
  registerPeriodsRoutes(routes, { ...exports, issuer: config.exportIssuerName });
  registerDownloadsRoutes(routes, { pool: readPool, clock, linkKey, exportDir: exportFolder(config) });
  registerOrgMetricsRoutes(routes, {
    orgMetrics: options.orgMetrics,
    lagByOrg: createLagByOrg(readPool, clock),
  });
  registerPricesRoutes(routes, createPriceTable({ database: writePool, clock }));
  registerModelPricesRoutes(routes, createModelPriceTable({ database: writePool, clock }));
  registerModelAliasesRoutes(routes, createModelAliasTable({ database: writePool, clock }));
  registerUnpricedRoutes(routes, { pool: readPool, clock, prices: createCurrentPrices(readPool) });
  const health = { database: readPool, realtime, thresholds: healthThresholds(config) };
  const pools = { read: readPool, store: storePool, write: writePool };
  registerHealthRoutes(routes, { ...health, pool: readPool, pools, clock, config, readOutbox: backlogOf });
  registerDashboardRoutes(routes, dashboardSource({ ...options, health, pool: readPool, redis }));
}
