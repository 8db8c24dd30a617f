import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import { demoCalls } from './demo-calls.ts';

export type Recent = Answer<'/analytics/v1/orgs/{orgId}/ingestion/recent'>;
export type LatestEvent = Answer<'/analytics/v1/orgs/{orgId}/events'>['events'][number];

/** A first event must appear within two seconds. */
const INTERVAL = 1_000;
const MOST_ENTRIES = 20;

/** What arrived, asked each second while somebody looks. */
export function recentIngestion(org: string) {
  return queryOptions({
    queryKey: ['recent', org],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/analytics/v1/orgs/{orgId}/ingestion/recent', {
          params: { path: { orgId: org }, query: { limit: MOST_ENTRIES } },
          signal,
        }),
      ),
    refetchInterval: INTERVAL,
  });
}

/** The newest event. It is asked again only if something has arrived since. */
export function latestEvent(org: string, arrivedAt: string | undefined) {
  return queryOptions({
    queryKey: ['latest-event', org, arrivedAt],
    queryFn: async ({ signal }) => {
      const answer = await dataOf(
        api.GET('/analytics/v1/orgs/{orgId}/events', {
          params: { path: { orgId: org }, query: { limit: 1 } },
          signal,
        }),
      );
      return answer.events[0] ?? null;
    },
    placeholderData: keepPreviousData,
  });
}

/** Makes a key that can send events of one org, and do nothing else. */
export function makeIngestKey(org: string) {
  const name = `get-started-${new Date().toISOString().slice(0, 16)}`;
  return dataOf(api.POST('/analytics/v1/api-keys', { body: { name, role: 'ingest', orgs: [org] } }));
}

/** Sends one event as the person who is signed in. It costs nothing, so that no spend moves. */
export function sendTestEvent(org: string) {
  const event = {
    ...{ type: 'usage' as const, orgId: org, eventId: `test-${crypto.randomUUID()}` },
    ...{ occurredAt: new Date().toISOString(), modelId: 'tidemark-test', status: 'success' as const },
    ...{ latencyMs: 1, inputTokens: 1, outputTokens: 1, costEstimateCents: 0 },
  };
  return dataOf(api.POST('/analytics/v1/events', { body: event }));
}

/** Sends the calls of the demo as the person who is signed in. */
export function sendDemo(org: string) {
  return dataOf(api.POST('/analytics/v1/events', { body: demoCalls(org, Date.now()) }));
}
