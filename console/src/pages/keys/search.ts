import { readShared, type SharedSearch } from '../../url/search.ts';

export interface KeysSearch extends SharedSearch {
  sort?: string;
  /** `all`: those that are revoked or have ended, too. */
  show?: 'all';
}

export function readKeys(search: Record<string, unknown>): KeysSearch {
  return {
    ...readShared(search),
    ...(typeof search.sort === 'string' && { sort: search.sort }),
    ...(search.show === 'all' && { show: 'all' as const }),
  };
}
