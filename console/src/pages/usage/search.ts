import { oneOf, readList, readShared, type SharedSearch } from '../../url/search.ts';
import { filters, type Grouping, groupings, type Measure, measures } from '../../usage/usage.ts';

export interface UsageSearch extends SharedSearch {
  group?: Grouping;
  measure?: Measure;
  /** Values with commas between them. */
  model?: string;
  client?: string;
  provider?: string;
  serviceTier?: string;
  /** A column of the table, with `-` for the largest first. */
  sort?: string;
  compare?: 'off';
}

export function readUsage(search: Record<string, unknown>): UsageSearch {
  const group = oneOf(groupings, search.group);
  const measure = oneOf(measures, search.measure);
  const chosen = filters.filter((filter) => readList(search[filter]).length > 0);
  return {
    ...readShared(search),
    ...(group !== undefined && { group }),
    ...(measure !== undefined && { measure }),
    ...Object.fromEntries(chosen.map((filter) => [filter, String(search[filter])])),
    ...(typeof search.sort === 'string' && { sort: search.sort }),
    ...(search.compare === 'off' && { compare: 'off' as const }),
  };
}
