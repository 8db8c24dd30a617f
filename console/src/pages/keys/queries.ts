import { queryOptions } from '@tanstack/react-query';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import type { paths } from '../../api/schema.ts';

export type Key = Answer<'/analytics/v1/api-keys'>['keys'][number];
export type NewKey = paths['/analytics/v1/api-keys']['post']['requestBody']['content']['application/json'];

export const apiKeys = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => dataOf(api.GET('/analytics/v1/api-keys', { signal })),
});

export function makeKey(body: NewKey) {
  return dataOf(api.POST('/analytics/v1/api-keys', { body }));
}

export function revokeKey(keyId: string) {
  return dataOf(api.DELETE('/analytics/v1/api-keys/{keyId}', { params: { path: { keyId } } }));
}
