import type { Dashboard } from '@grafana/schema';
import { alertsAndNotices } from './alerts-and-notices.ts';
import { reliability } from './reliability.ts';
import { service } from './service.ts';
import { usage } from './usage.ts';

/** Every dashboard, by the name of its file in dashboards/. */
export const dashboards: Readonly<Record<string, Dashboard>> = {
  service,
  usage,
  reliability,
  'alerts-and-notices': alertsAndNotices,
};
