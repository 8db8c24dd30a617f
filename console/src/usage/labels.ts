import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, dataOf } from '../api/client.ts';
import { ALL_ORGS } from '../question/question.ts';

function labelsOf(org: string) {
  return queryOptions({
    queryKey: ['labels', org],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/analytics/v1/orgs/{orgId}/labels', { params: { path: { orgId: org } }, signal })),
    staleTime: 60_000,
  });
}

/** The keys of the labels that the numbers of an org are told apart by. All orgs together have none. */
export function useLabels(org: string): readonly string[] {
  const { data } = useQuery({ ...labelsOf(org), enabled: org !== ALL_ORGS });
  return useMemo(() => data?.labels.map(({ key }) => key) ?? [], [data]);
}
