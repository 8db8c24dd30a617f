import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';
import { type Way, ways } from './snippets.ts';

export interface GetStartedSearch extends SharedSearch {
  way?: Way;
}

export function readGetStarted(search: Record<string, unknown>): GetStartedSearch {
  const way = oneOf(ways, search.way);
  return { ...readShared(search), ...(way !== undefined && { way }) };
}
