import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import { apiFiltersOf } from '../../calls/filters.ts';
import type { Range } from '../../range/range.ts';
import type { EventFilters } from './search.ts';

export type EventPage = Answer<'/analytics/v1/orgs/{orgId}/events'>;
export type StoredEvent = EventPage['events'][number];
export type Bounded = NonNullable<EventPage['bounded']>;
export type LookUp = Answer<'/analytics/v1/orgs/{orgId}/events/{eventId}'>;

const PER_PAGE = 50;
const TAIL_INTERVAL = 2_000;

interface EventsQuestion {
  org: string;
  range: Range;
  filters: EventFilters;
  /** Whether new events appear by themselves. */
  isTail: boolean;
}

/** The events of a range, the newest first. */
export function eventPages({ org, range, filters, isTail }: EventsQuestion) {
  const { type, correlation } = filters;
  const query = {
    ...{ start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
    ...apiFiltersOf(filters),
    ...(type !== undefined && { type }),
    ...(correlation !== undefined && { correlationId: correlation }),
  };
  return infiniteQueryOptions({
    queryKey: ['events', org, query],
    queryFn: ({ signal, pageParam }) =>
      dataOf(
        api.GET('/analytics/v1/orgs/{orgId}/events', {
          params: {
            path: { orgId: org },
            query: { ...query, limit: PER_PAGE, ...(pageParam !== '' && { after: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }: EventPage) => next,
    refetchInterval: isTail ? TAIL_INTERVAL : false,
    placeholderData: keepPreviousData,
  });
}

/** An event and what happened to it. */
export function eventOf(org: string, eventId: string) {
  return queryOptions({
    queryKey: ['event', org, eventId],
    queryFn: ({ signal }) => lookUp(org, eventId, signal),
    retry: false,
  });
}

export function lookUp(org: string, eventId: string, signal?: AbortSignal): Promise<LookUp> {
  const path = { orgId: org, eventId };
  return dataOf(
    api.GET('/analytics/v1/orgs/{orgId}/events/{eventId}', {
      params: { path },
      ...(signal && { signal }),
    }),
  );
}

/** Checks an event without storing it. @throws {ApiFailure} with its faults */
export async function validate(event: Record<string, unknown>): Promise<void> {
  await api.POST('/analytics/v1/events/validate', { body: event as never });
}
