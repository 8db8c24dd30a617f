import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../api/client.ts';
import { ALL_ORGS } from '../question/question.ts';

/** How often alerts are asked for again. It stops while the page is hidden. */
export const REFRESH_EVERY = 10_000;
/** The recipients of an alert change seldom. */
const DETAIL_FRESH_FOR = 30_000;
const PAGE = 25;

export type Tab = 'active' | 'acknowledged' | 'history';

/** The org as the alert routes take it: none stands for all. */
export function orgFilter(org: string): { orgId?: string } {
  return org === ALL_ORGS ? {} : { orgId: org };
}

/** The alerts of a tab, the newest first. History covers `time`; what fires now is shown whenever it began. */
export function alertsOf(org: string, tab: Tab, time: { start: string; end: string }) {
  const query = {
    ...orgFilter(org),
    ...(tab === 'history' ? { start: time.start, end: time.end } : { workflow: workflows[tab] }),
    limit: PAGE,
  };
  return infiniteQueryOptions({
    queryKey: ['alerts', 'list', org, tab, query],
    queryFn: ({ signal, pageParam }) =>
      dataOf(
        api.GET('/api/v1/analytics/alerts/history', {
          params: { query: { ...query, ...(pageParam !== undefined && { after: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

const workflows = { active: 'open', acknowledged: 'acknowledged' } as const;

/** An alert with its transitions and its recipients. */
export function alertDetail(id: string) {
  return queryOptions({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/alerts/{id}', path(id, signal))),
    staleTime: DETAIL_FRESH_FOR,
  });
}

/** The values around an alert. */
export function alertSeries(id: string) {
  return queryOptions({
    queryKey: ['alert', id, 'series'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/alerts/{id}/series', path(id, signal))),
    placeholderData: keepPreviousData,
  });
}

/** Why an alert fired, and why a person was told or not. */
export function alertExplanation(id: string, recipient: string | undefined) {
  return queryOptions({
    queryKey: ['alert', id, 'explain', recipient],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/v1/analytics/alerts/{id}/explain', {
          params: { path: { id }, query: recipient === undefined ? {} : { recipient } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** A rule. */
export function ruleOf(id: string) {
  return queryOptions({
    queryKey: ['rule', id],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/alerts/configs/{id}', path(id, signal))),
  });
}

function path(id: string, signal: AbortSignal) {
  return { params: { path: { id } }, signal };
}
