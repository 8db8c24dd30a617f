import { infiniteQueryOptions } from '@tanstack/react-query';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import { ALL_ORGS, type Question } from '../../question/question.ts';
import type { AuditSearch } from './search.ts';

export type Entry = Answer<'/api/v1/analytics/audit'>['entries'][number];

const PER_PAGE = 50;

/** The same question for the page and for its CSV. */
export function auditQuestion({ org, range }: Question, { actor, action }: AuditSearch) {
  return {
    start: new Date(range.start).toISOString(),
    end: new Date(range.end).toISOString(),
    ...(org !== ALL_ORGS && { orgId: org }),
    ...(actor !== undefined && { actorId: actor }),
    ...(action !== undefined && { action }),
  };
}

/** The entries, the newest first. */
export function auditEntries(question: Question, search: AuditSearch) {
  const query = auditQuestion(question, search);
  return infiniteQueryOptions({
    queryKey: ['audit', query],
    queryFn: ({ signal, pageParam }) =>
      dataOf(
        api.GET('/api/v1/analytics/audit', {
          params: { query: { ...query, limit: PER_PAGE, ...(pageParam !== '' && { after: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  });
}
