import { type CallFilters, readCallFilters } from '../../calls/filters.ts';
import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';

export const heatMeasures = ['errorRate', 'p95', 'calls'] as const;
export type HeatMeasure = (typeof heatMeasures)[number];

export interface ReliabilitySearch extends SharedSearch, CallFilters {
  heat?: HeatMeasure;
  /** A column of the slowest models, with `-` for the largest first. */
  sort?: string;
}

export function readReliability(search: Record<string, unknown>): ReliabilitySearch {
  const heat = oneOf(heatMeasures, search.heat);
  return {
    ...{ ...readShared(search), ...readCallFilters(search) },
    ...(heat !== undefined && { heat }),
    ...(typeof search.sort === 'string' && { sort: search.sort }),
  };
}
