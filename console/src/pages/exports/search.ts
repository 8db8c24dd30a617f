import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';

export const tabs = ['files', 'months', 'schedules'] as const;
export type Tab = (typeof tabs)[number];

export interface ExportsSearch extends SharedSearch {
  tab?: Tab;
  /** The closed month whose corrections are shown: `2026-10 usage`. */
  month?: string;
}

export function readExports(search: Record<string, unknown>): ExportsSearch {
  const tab = oneOf(tabs, search.tab);
  return {
    ...readShared(search),
    ...(tab !== undefined && { tab }),
    ...(typeof search.month === 'string' && search.month !== '' && { month: search.month }),
  };
}
