import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';
import {
  type Filters,
  filtersIn,
  type Grouping,
  type Measure,
  measures,
  readGrouping,
} from '../../usage/usage.ts';

/** Each filter has values with commas between them. */
export interface UsageSearch extends SharedSearch, Filters {
  group?: Grouping;
  measure?: Measure;
  /** A column of the table, with `-` for the largest first. */
  sort?: string;
  compare?: 'off';
}

export function readUsage(search: Record<string, unknown>): UsageSearch {
  const group = readGrouping(search.group);
  const measure = oneOf(measures, search.measure);
  return {
    ...readShared(search),
    ...(group !== undefined && { group }),
    ...(measure !== undefined && { measure }),
    ...filtersIn(search),
    ...(typeof search.sort === 'string' && { sort: search.sort }),
    ...(search.compare === 'off' && { compare: 'off' as const }),
  };
}
