import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { orgFilter } from '../../alerting/queries.ts';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import type { paths } from '../../api/schema.ts';
import type { Channel, statuses } from './names.ts';

type Base = '/api/v1/analytics/notifications';

export type InboxItem = Answer<Base>['notifications'][number];
export type Preference = Answer<`${Base}/preferences`>['preferences'][number];
export type Delivery = Answer<`${Base}/deliveries`>['deliveries'][number];
export type Webhook = Answer<`${Base}/webhooks`>['webhooks'][number];
export type NewPreference = NonNullable<
  paths[`${Base}/preferences/{kind}/{id}`]['put']['requestBody']
>['content']['application/json'];
export type NewWebhook = NonNullable<
  paths[`${Base}/webhooks`]['post']['requestBody']
>['content']['application/json'];

const PAGE = 50;
const REFRESH_EVERY = 10_000;

/** The own notices: the unread ones, or all. */
export function inbox(org: string, isUnread: boolean) {
  return infiniteQueryOptions({
    queryKey: ['inbox', org, isUnread],
    queryFn: ({ signal, pageParam }) =>
      dataOf(
        api.GET('/api/v1/analytics/notifications', {
          params: {
            query: {
              ...{ ...orgFilter(org), limit: PAGE, ...(isUnread && { unread: true }) },
              ...(pageParam !== undefined && { before: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: REFRESH_EVERY,
  });
}

/** Marks notices of an org as read: these, or all. */
export function markRead(org: string, which: readonly string[] | 'all') {
  const body = which === 'all' ? { all: true } : { ids: [...which] };
  return dataOf(
    api.POST('/api/v1/analytics/notifications/read', {
      params: { query: orgFilter(org) },
      body: body as never,
    }),
  );
}

export const preferences = queryOptions({
  queryKey: ['preferences'],
  queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/notifications/preferences', { signal })),
});

/** Whose preference it is, in which org. */
export type Owner = Pick<Preference, 'orgId' | 'kind' | 'id'>;

function ownerPath({ orgId, kind, id }: Owner) {
  const path = { kind: kind === 'user' ? ('users' as const) : ('teams' as const), id };
  return { params: { path, query: orgFilter(orgId) } };
}

export function putPreference(owner: Owner, body: NewPreference) {
  return dataOf(
    api.PUT('/api/v1/analytics/notifications/preferences/{kind}/{id}', { ...ownerPath(owner), body }),
  );
}

export function removePreference(owner: Owner) {
  return api.DELETE('/api/v1/analytics/notifications/preferences/{kind}/{id}', ownerPath(owner));
}

export function tryChannel(org: string, channel: Channel, to: string) {
  return dataOf(
    api.POST('/api/v1/analytics/notifications/channels/{channel}/test', {
      params: { path: { channel }, query: orgFilter(org) },
      body: { to },
    }),
  );
}

export interface DeliveryFilter {
  status?: (typeof statuses)[number] | undefined;
  channel?: Channel | undefined;
}

export function deliveries(org: string, { status, channel }: DeliveryFilter) {
  const filter = {
    ...orgFilter(org),
    ...(status !== undefined && { status }),
    ...(channel !== undefined && { channel }),
  };
  return infiniteQueryOptions({
    queryKey: ['deliveries', filter],
    queryFn: ({ signal, pageParam }) =>
      dataOf(
        api.GET('/api/v1/analytics/notifications/deliveries', {
          params: {
            query: { ...filter, limit: PAGE, ...(pageParam !== undefined && { before: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_EVERY,
  });
}

export function replay(id: string) {
  return dataOf(
    api.POST('/api/v1/analytics/notifications/deliveries/{id}/replay', { params: { path: { id } } }),
  );
}

export function webhooksOf(org: string) {
  return queryOptions({
    queryKey: ['webhooks', org],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/v1/analytics/notifications/webhooks', { params: { query: orgFilter(org) }, signal }),
      ),
  });
}

export function addWebhook(org: string, body: NewWebhook) {
  return dataOf(
    api.POST('/api/v1/analytics/notifications/webhooks', { params: { query: orgFilter(org) }, body }),
  );
}

export function removeWebhook({ orgId, name }: Webhook) {
  return api.DELETE('/api/v1/analytics/notifications/webhooks/{name}', {
    params: { path: { name }, query: orgFilter(orgId) },
  });
}
