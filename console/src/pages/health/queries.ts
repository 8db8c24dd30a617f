import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import { type Question, timeOf } from '../../question/question.ts';

export type Health = Answer<'/api/v1/analytics/health/overview'>;
export type Routes = Answer<'/api/v1/analytics/health/api'>;
export type Pipeline = Answer<'/api/v1/analytics/health/pipeline'>;
export type Database = Answer<'/api/v1/analytics/health/database'>;

const MOST_ROUTES = 50;

export function healthOverview(question: Question) {
  const query = { ...timeOf(question), orgId: question.org };
  return queryOptions({
    queryKey: ['health', 'overview', query],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/analytics/health/overview', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** The same question for the page and for its CSV. */
export function routesQuestion(question: Question) {
  return { ...timeOf(question), orgId: question.org, sort: 'worst' as const, limit: MOST_ROUTES };
}

export function worstRoutes(question: Question) {
  const query = routesQuestion(question);
  return queryOptions({
    queryKey: ['health', 'routes', query],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/health/api', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** The database as it is now; `now` asks again. */
export function databaseHealth(now: number) {
  return queryOptions({
    queryKey: ['health', 'database', now],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/health/database', { signal })),
    placeholderData: keepPreviousData,
  });
}

/** What waits in the pipeline now; `now` asks again. */
export function pipelineHealth(now: number) {
  return queryOptions({
    queryKey: ['health', 'pipeline', now],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/health/pipeline', { signal })),
    placeholderData: keepPreviousData,
  });
}

/** The result of the last daily comparison. */
export const lastReconciliation = queryOptions({
  queryKey: ['health', 'reconciliation'],
  queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/health/reconciliation', { signal })),
});
