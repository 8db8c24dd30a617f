import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Answer } from '../api/answer.ts';
import { api, dataOf } from '../api/client.ts';
import { type Question, timeOf } from '../question/question.ts';
import { rangeBefore } from '../range/range.ts';
import { apiFiltersOf, type CallFilters } from './filters.ts';

/** An answer about the reliability of calls. */
export type Reliability = Answer<'/analytics/v1/orgs/{orgId}/reliability'>;
export type ReliabilityPoint = Reliability['series'][number];

interface Buckets {
  granularity: Question['range']['granularity'] | 'none';
  groupBy?: string;
  top?: number;
  topBy?: 'invocations' | 'errors';
  /** Names of percentiles with commas between them; the service has usual ones. */
  percentile?: string;
}

/** The same question for a page and for its CSV. */
export function reliabilityQuestion(question: Question, filters: CallFilters, buckets: Buckets) {
  return { ...timeOf(question), ...apiFiltersOf(filters), ...buckets };
}

/** How reliable the calls were. */
export function reliability(question: Question, filters: CallFilters, buckets: Buckets) {
  const query = reliabilityQuestion(question, filters, buckets);
  return queryOptions({
    queryKey: ['reliability', question.org, query],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/analytics/v1/orgs/{orgId}/reliability', {
          params: { path: { orgId: question.org }, query },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** The same by bucket of the range. */
export function reliabilityByBucket(
  question: Question,
  filters: CallFilters = {},
  percentiles?: readonly string[],
) {
  const { granularity } = question.range;
  return reliability(question, filters, {
    granularity,
    ...(percentiles !== undefined && { percentile: percentiles.join() }),
  });
}

/** The same of the time before, as one bucket. */
export function reliabilityBefore(question: Question, filters: CallFilters = {}) {
  const range = { ...question.range, ...rangeBefore(question.range, question.timeZone) };
  return reliability({ ...question, range }, filters, { granularity: 'none' });
}
