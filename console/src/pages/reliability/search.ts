import { type CallFilters, readCallFilters } from '../../calls/filters.ts';
import { oneOf, readList, readShared, type SharedSearch, writeList } from '../../url/search.ts';

export const heatMeasures = ['errorRate', 'p95', 'calls'] as const;
export type HeatMeasure = (typeof heatMeasures)[number];

/** The percentiles that are shown unless others are chosen, and those that are offered. */
export const usualPercentiles: readonly string[] = ['p50', 'p95', 'p99'];
export const offeredPercentiles: readonly string[] = ['p50', 'p75', 'p90', 'p95', 'p99', 'p99.9'];
/** So many lines of one chart can be told apart. */
const MOST_PERCENTILES = 6;

export interface ReliabilitySearch extends SharedSearch, CallFilters {
  heat?: HeatMeasure;
  /** The percentiles of the latency, such as `p50,p99.9`. */
  percentiles?: string;
  /** A column of the slowest models, with `-` for the largest first. */
  sort?: string;
}

export function readReliability(search: Record<string, unknown>): ReliabilitySearch {
  const heat = oneOf(heatMeasures, search.heat);
  return {
    ...{ ...readShared(search), ...readCallFilters(search) },
    ...(heat !== undefined && { heat }),
    ...(typeof search.percentiles === 'string' && { percentiles: search.percentiles }),
    ...(typeof search.sort === 'string' && { sort: search.sort }),
  };
}

/** The chosen percentiles, the lowest first. What the address has and is none is left out. */
export function percentilesOf({ percentiles }: Pick<ReliabilitySearch, 'percentiles'>): string[] {
  const chosen = [...new Set(readList(percentiles))].filter((name) => /^p\d{1,2}(\.\d{1,3})?$/.test(name));
  if (chosen.length === 0) return [...usualPercentiles];
  return chosen.slice(0, MOST_PERCENTILES).sort((one, other) => rankOf(one) - rankOf(other));
}

/** The parameter of the address after a percentile was chosen or left out; nothing for the usual ones. */
export function withPercentile(chosen: readonly string[], name: string): string | undefined {
  const next = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name];
  const sorted = percentilesOf({ percentiles: next.join() });
  return sorted.join() === usualPercentiles.join() ? undefined : writeList(sorted);
}

/** What there is to choose from: what is offered, and what the address has. */
export function choosablePercentiles(chosen: readonly string[]): string[] {
  return [...new Set([...offeredPercentiles, ...chosen])].sort((one, other) => rankOf(one) - rankOf(other));
}

function rankOf(percentile: string): number {
  return Number(percentile.slice(1));
}
