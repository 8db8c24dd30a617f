import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import { orgFilter } from '../../alerting/queries.ts';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import type { paths } from '../../api/schema.ts';

type Silences = '/api/v1/analytics/alerts/silences';

export type Silence = Answer<Silences>['silences'][number];
export type NewSilence = NonNullable<paths[Silences]['post']['requestBody']>['content']['application/json'];
export type Day = NonNullable<NewSilence['recurrence']>['days'][number];

const PAGE = 50;
const REFRESH_EVERY = 30_000;

/** The silences that are not over, or those that are; the newest first. */
export function silencesOf(org: string, isOver: boolean) {
  const query = { ...orgFilter(org), state: isOver ? ('expired' as const) : ('unexpired' as const) };
  return infiniteQueryOptions({
    queryKey: ['silences', org, isOver],
    queryFn: ({ signal, pageParam }) =>
      dataOf(
        api.GET('/api/v1/analytics/alerts/silences', {
          params: { query: { ...query, limit: PAGE, ...(pageParam !== undefined && { after: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_EVERY,
  });
}

export function addSilence(body: NewSilence) {
  return dataOf(api.POST('/api/v1/analytics/alerts/silences', { body }));
}

/** Changes a silence as a whole. */
export function changeSilence({ id, name }: Silence, body: NewSilence) {
  const { orgId: _orgId, ...rest } = body;
  return dataOf(
    api.PUT('/api/v1/analytics/alerts/silences/{id}', { params: { path: { id } }, body: { name, ...rest } }),
  );
}

/** Ends a silence now. The service takes it as a whole. */
export function endSilence(silence: Silence) {
  const { id, name, reason, rules, labels, severities, startsAt, recurrence } = silence;
  return dataOf(
    api.PUT('/api/v1/analytics/alerts/silences/{id}', {
      params: { path: { id } },
      body: { ...{ name, reason, rules, labels, severities, startsAt, recurrence }, endsAt: iso(Date.now()) },
    }),
  );
}

export function removeSilence(id: string) {
  return api.DELETE('/api/v1/analytics/alerts/silences/{id}', { params: { path: { id } } });
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
