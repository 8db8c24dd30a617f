import type { Tab } from '../../alerting/queries.ts';
import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';

export const tabs = ['active', 'acknowledged', 'history'] as const satisfies readonly Tab[];

export interface AlertsSearch extends SharedSearch {
  /** `active` if it is missing. */
  tab?: Tab;
}

export function readAlerts(search: Record<string, unknown>): AlertsSearch {
  const tab = oneOf(tabs, search.tab);
  return { ...readShared(search), ...(tab !== undefined && { tab }) };
}
