import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { type Question, timeOf } from '../../question/question.ts';

const MOST_ALERTS = 8;

/** The alerts that fire, as of now. */
export function activeAlerts(org: string, now: number) {
  return queryOptions({
    queryKey: ['alerts', 'active', org, now],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/v1/analytics/alerts/active', {
          params: { query: { ...(org !== '*' && { orgId: org }), acknowledged: true, limit: MOST_ALERTS } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** The health, the ML jobs and the business, each with the time before; sections that we may not see are missing. */
export function summary(question: Question) {
  const query = { ...timeOf(question), orgId: question.org, compare: 'previous' as const };
  return queryOptions({
    queryKey: ['summary', question.org, query],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/analytics/dashboard/summary', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}
