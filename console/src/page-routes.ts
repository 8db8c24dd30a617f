import type { ReactNode } from 'react';
import { readAlerts } from './pages/alerts/search.ts';
import { readAudit } from './pages/audit/search.ts';
import { readBusiness } from './pages/business/search.ts';
import { readEvents } from './pages/events/search.ts';
import { readExports } from './pages/exports/search.ts';
import { readGetStarted } from './pages/get-started/search.ts';
import { readKeys } from './pages/keys/search.ts';
import { readMl } from './pages/ml/search.ts';
import { readNotifications } from './pages/notifications/search.ts';
import { readPrices } from './pages/prices/search.ts';
import { readReliability } from './pages/reliability/search.ts';
import { readRule } from './pages/rule/search.ts';
import { readRunbook } from './pages/runbook/search.ts';
import { readSilences } from './pages/silences/search.ts';
import { readUsage } from './pages/usage/search.ts';

interface PageRoute {
  path: string;
  load: () => Promise<Record<string, () => ReactNode>>;
  /** What the file of the page exports. */
  name: string;
  /** Reads the search parameters of the page. */
  read?: (search: Record<string, unknown>) => object;
}

/** The pages of whoever is signed in. */
export const pageRoutes: readonly PageRoute[] = [
  { path: '/', load: () => import('./pages/overview/overview-page.tsx'), name: 'OverviewPage' },
  { path: '/usage', load: () => import('./pages/usage/usage-page.tsx'), name: 'UsagePage', read: readUsage },
  {
    ...{ path: '/reliability', load: () => import('./pages/reliability/reliability-page.tsx') },
    ...{ name: 'ReliabilityPage', read: readReliability },
  },
  {
    ...{ path: '/events', load: () => import('./pages/events/events-page.tsx') },
    ...{ name: 'EventsPage', read: readEvents },
  },
  {
    ...{ path: '/alerts', load: () => import('./pages/alerts/alerts-page.tsx') },
    ...{ name: 'AlertsPage', read: readAlerts },
  },
  { path: '/alerts/$id', load: () => import('./pages/alert/alert-page.tsx'), name: 'AlertPage' },
  { path: '/rules', load: () => import('./pages/rules/rules-page.tsx'), name: 'RulesPage' },
  { path: '/rules/$id', load: () => import('./pages/rule/rule-page.tsx'), name: 'RulePage', read: readRule },
  {
    ...{ path: '/silences', load: () => import('./pages/silences/silences-page.tsx') },
    ...{ name: 'SilencesPage', read: readSilences },
  },
  {
    ...{ path: '/notifications', load: () => import('./pages/notifications/notifications-page.tsx') },
    ...{ name: 'NotificationsPage', read: readNotifications },
  },
  { path: '/ml', load: () => import('./pages/ml/ml-page.tsx'), name: 'MlPage', read: readMl },
  {
    ...{ path: '/business', load: () => import('./pages/business/business-page.tsx') },
    ...{ name: 'BusinessPage', read: readBusiness },
  },
  {
    ...{ path: '/runbook', load: () => import('./pages/runbook/runbook-page.tsx') },
    ...{ name: 'RunbookPage', read: readRunbook },
  },
  { path: '/health', load: () => import('./pages/health/health-page.tsx'), name: 'HealthPage' },
  {
    ...{ path: '/prices', load: () => import('./pages/prices/prices-page.tsx') },
    ...{ name: 'PricesPage', read: readPrices },
  },
  { path: '/keys', load: () => import('./pages/keys/keys-page.tsx'), name: 'KeysPage', read: readKeys },
  { path: '/limits', load: () => import('./pages/limits/limits-page.tsx'), name: 'LimitsPage' },
  { path: '/audit', load: () => import('./pages/audit/audit-page.tsx'), name: 'AuditPage', read: readAudit },
  { path: '/me', load: () => import('./pages/me/me-page.tsx'), name: 'MePage' },
  {
    ...{ path: '/exports', load: () => import('./pages/exports/exports-page.tsx') },
    ...{ name: 'ExportsPage', read: readExports },
  },
  {
    ...{ path: '/get-started', load: () => import('./pages/get-started/get-started-page.tsx') },
    ...{ name: 'GetStartedPage', read: readGetStarted },
  },
];
