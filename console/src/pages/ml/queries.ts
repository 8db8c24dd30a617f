import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import { type Question, timeOf } from '../../question/question.ts';
import type { MlSearch } from './search.ts';

export type Ml = Answer<'/api/v1/analytics/ml/overview'>;

/** The same question for the page and for its CSV. */
export function mlQuestion(question: Question, { group = 'pipeline', pipeline }: MlSearch) {
  return {
    ...timeOf(question),
    orgId: question.org,
    granularity: question.range.granularity,
    groupBy: group,
    compare: 'previous' as const,
    ...(pipeline !== undefined && { pipeline }),
  };
}

export function mlOverview(question: Question, search: MlSearch) {
  const query = mlQuestion(question, search);
  return queryOptions({
    queryKey: ['ml', query],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/ml/overview', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}
