import { readShared, type SharedSearch } from '../../url/search.ts';

export interface PricesSearch extends SharedSearch {
  sort?: string;
}

export function readPrices(search: Record<string, unknown>): PricesSearch {
  return { ...readShared(search), ...(typeof search.sort === 'string' && { sort: search.sort }) };
}
