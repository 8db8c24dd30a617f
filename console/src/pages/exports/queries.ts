import { queryOptions } from '@tanstack/react-query';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import type { paths } from '../../api/schema.ts';

export type Job = Answer<'/analytics/v1/orgs/{orgId}/exports'>['items'][number];
export type Periods = Answer<'/analytics/v1/orgs/{orgId}/periods'>;
export type Month = Periods['items'][number];
export type MonthDetails = Answer<'/analytics/v1/orgs/{orgId}/periods/{month}'>;
export type Schedule = Answer<'/analytics/v1/orgs/{orgId}/export-schedules'>['items'][number];
export type NewExport =
  paths['/analytics/v1/orgs/{orgId}/exports']['post']['requestBody']['content']['application/json'];
export type NewSchedule =
  paths['/analytics/v1/orgs/{orgId}/export-schedules/{name}']['put']['requestBody']['content']['application/json'];
export type MonthDataset = Month['dataset'];

export const MOST_JOBS = 50;
const BUSY_INTERVAL = 1_500;

export function isBusy({ status }: Pick<Job, 'status'>): boolean {
  return status === 'pending' || status === 'running';
}

/** The exports, asked again as long as one of them is running. */
export function exportJobs(org: string) {
  return queryOptions({
    queryKey: ['exports', org],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/analytics/v1/orgs/{orgId}/exports', {
          params: { path: { orgId: org }, query: { limit: MOST_JOBS } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (state.data?.items.some(isBusy) ? BUSY_INTERVAL : false),
  });
}

export function startExport(org: string, body: NewExport) {
  return dataOf(api.POST('/analytics/v1/orgs/{orgId}/exports', { params: { path: { orgId: org } }, body }));
}

export function cancelExport(org: string, jobId: string) {
  return dataOf(
    api.DELETE('/analytics/v1/orgs/{orgId}/exports/{jobId}', { params: { path: { orgId: org, jobId } } }),
  );
}

export function closedMonths(org: string) {
  return queryOptions({
    queryKey: ['periods', org],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/analytics/v1/orgs/{orgId}/periods', { params: { path: { orgId: org } }, signal })),
  });
}

export function monthDetails(org: string, month: string, dataset: MonthDataset) {
  return queryOptions({
    queryKey: ['periods', org, month, dataset],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/analytics/v1/orgs/{orgId}/periods/{month}', {
          params: { path: { orgId: org, month }, query: { dataset } },
          signal,
        }),
      ),
  });
}

export function writeMonth(org: string, { period, dataset, revision }: Month) {
  return dataOf(
    api.POST('/analytics/v1/orgs/{orgId}/periods/{month}/exports', {
      params: { path: { orgId: org, month: period } },
      body: { dataset, revision },
    }),
  );
}

export function reopenMonth(org: string, { period, dataset }: Month, note: string) {
  return dataOf(
    api.POST('/analytics/v1/orgs/{orgId}/periods/{month}/reopen', {
      params: { path: { orgId: org, month: period } },
      body: { dataset, note },
    }),
  );
}

export function schedules(org: string) {
  return queryOptions({
    queryKey: ['schedules', org],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/analytics/v1/orgs/{orgId}/export-schedules', { params: { path: { orgId: org } }, signal }),
      ),
  });
}

export function putSchedule(org: string, name: string, body: NewSchedule) {
  return dataOf(
    api.PUT('/analytics/v1/orgs/{orgId}/export-schedules/{name}', {
      params: { path: { orgId: org, name } },
      body,
    }),
  );
}

export function removeSchedule(org: string, name: string) {
  return dataOf(
    api.DELETE('/analytics/v1/orgs/{orgId}/export-schedules/{name}', {
      params: { path: { orgId: org, name } },
    }),
  );
}
