import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../api/client.ts';
import type { Draft } from './draft.ts';
import { orgFilter } from './queries.ts';

/** One page has all rules of most orgs. */
const MOST_RULES = 200;

export function rulesOf(org: string) {
  return queryOptions({
    queryKey: ['rules', org],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/v1/analytics/alerts/configs', {
          params: { query: { ...orgFilter(org), limit: MOST_RULES } },
          signal,
        }),
      ),
  });
}

/** The metrics that a rule can watch. */
export const metricsQuery = queryOptions({
  queryKey: ['alert-metrics'],
  queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/alerts/metrics', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** What a rule would have done in the last 30 days. */
export function previewOf(draft: Draft) {
  return queryOptions({
    queryKey: ['rule-preview', draft],
    queryFn: ({ signal }) =>
      // Whoever writes a rule sees what it does before it has a name.
      dataOf(
        api.POST('/api/v1/analytics/alerts/configs/preview', {
          body: { ...draft, name: draft.name || 'preview' },
          signal,
        }),
      ),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}
