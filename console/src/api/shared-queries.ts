import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from './client.ts';

/** The orgs that the switcher lists; who has more finds them by their ids. */
const MOST_ORGS = 200;
/** The models that have a colour of their own and can be found. */
const MOST_MODELS = 1_000;

/** Who we are, and what we may do. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => dataOf(api.GET('/analytics/v1/me', { signal })),
  staleTime: 60_000,
});

/** The orgs that we may see. */
export const orgsQuery = queryOptions({
  queryKey: ['orgs'],
  queryFn: ({ signal }) =>
    dataOf(api.GET('/analytics/v1/orgs', { params: { query: { limit: MOST_ORGS } }, signal })),
  staleTime: 60_000,
});

/** How complete the numbers of an org are, and its models. */
export function freshnessQuery(org: string, now?: number) {
  return queryOptions({
    queryKey: ['freshness', org, ...(now === undefined ? [] : [now])],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/analytics/v1/orgs/{orgId}/freshness', {
          params: { path: { orgId: org }, query: { limit: now === undefined ? MOST_MODELS : 1 } },
          signal,
        }),
      ),
    staleTime: now === undefined ? 60_000 : 0,
  });
}
