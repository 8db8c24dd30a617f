import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';

export const tabs = ['overview', 'sales', 'products', 'collections', 'funnel'] as const;
export type Tab = (typeof tabs)[number];
export const comparisons = ['previous', 'year'] as const;
export type Comparison = (typeof comparisons)[number];

export interface BusinessSearch extends SharedSearch {
  tab?: Tab;
  compare?: Comparison;
  sort?: string;
}

export function readBusiness(search: Record<string, unknown>): BusinessSearch {
  const tab = oneOf(tabs, search.tab);
  const compare = oneOf(comparisons, search.compare);
  return {
    ...readShared(search),
    ...(tab !== undefined && { tab }),
    ...(compare !== undefined && { compare }),
    ...(typeof search.sort === 'string' && { sort: search.sort }),
  };
}
