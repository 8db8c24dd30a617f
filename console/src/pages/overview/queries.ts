import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import type { paths } from '../../api/schema.ts';
import { type Question, timeOf } from '../../question/question.ts';
import { rangeBefore } from '../../range/range.ts';

/** An answer about the reliability of calls. */
export type Reliability =
  paths['/analytics/v1/orgs/{orgId}/reliability']['get']['responses'][200]['content']['application/json'];

const MOST_ALERTS = 8;

/** How reliable the calls were, by bucket. */
export function reliabilityByBucket(question: Question) {
  return reliability(question.org, { ...timeOf(question), granularity: question.range.granularity });
}

/** The same of the time before, as one bucket. */
export function reliabilityBefore(question: Question) {
  const { start, end } = rangeBefore(question.range, question.timeZone);
  const range = { ...question.range, start, end };
  return reliability(question.org, { ...timeOf({ ...question, range }), granularity: 'none' });
}

type ReliabilityQuery = ReturnType<typeof timeOf> & {
  granularity: Question['range']['granularity'] | 'none';
};

function reliability(org: string, query: ReliabilityQuery) {
  return queryOptions({
    queryKey: ['reliability', org, query],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/analytics/v1/orgs/{orgId}/reliability', {
          params: { path: { orgId: org }, query },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

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
