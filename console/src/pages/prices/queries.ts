import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import type { paths } from '../../api/schema.ts';
import { ALL_ORGS } from '../../question/question.ts';

export type Price = Answer<'/api/v1/analytics/model-prices'>['prices'][number];
export type Alias = Answer<'/api/v1/analytics/model-prices/aliases'>['aliases'][number];
export type Unpriced = Answer<'/api/v1/analytics/model-prices/unpriced'>['models'][number];
export type NewPrice =
  paths['/api/v1/analytics/model-prices']['post']['requestBody']['content']['application/json'];

export type MlPrice = Answer<'/api/v1/analytics/ml/prices'>['prices'][number];
type NewMlPrice = paths['/api/v1/analytics/ml/prices']['post']['requestBody']['content']['application/json'];
type NewAlias =
  paths['/api/v1/analytics/model-prices/aliases']['post']['requestBody']['content']['application/json'];

export const UNPRICED_DAYS = 30;

export const modelPrices = queryOptions({
  queryKey: ['model-prices'],
  queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/model-prices', { signal })),
});

export const priceAliases = queryOptions({
  queryKey: ['model-prices', 'aliases'],
  queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/model-prices/aliases', { signal })),
});

/** The same question for the page and for its CSV. */
export function unpricedQuestion(org: string) {
  return { days: UNPRICED_DAYS, ...(org !== ALL_ORGS && { orgId: org }) };
}

export function unpricedModels(org: string) {
  return queryOptions({
    queryKey: ['model-prices', 'unpriced', org],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/v1/analytics/model-prices/unpriced', {
          params: { query: unpricedQuestion(org) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export function putPrice(body: NewPrice) {
  return dataOf(api.POST('/api/v1/analytics/model-prices', { body }));
}

export function removePrice(priceId: number) {
  return dataOf(api.DELETE('/api/v1/analytics/model-prices/{priceId}', { params: { path: { priceId } } }));
}

export function putAlias(body: NewAlias) {
  return dataOf(api.POST('/api/v1/analytics/model-prices/aliases', { body }));
}

export function removeAlias(aliasId: number) {
  return dataOf(
    api.DELETE('/api/v1/analytics/model-prices/aliases/{aliasId}', { params: { path: { aliasId } } }),
  );
}

export const mlPrices = queryOptions({
  queryKey: ['ml-prices'],
  queryFn: ({ signal }) => dataOf(api.GET('/api/v1/analytics/ml/prices', { signal })),
});

export function putMlPrice(body: NewMlPrice) {
  return dataOf(api.POST('/api/v1/analytics/ml/prices', { body }));
}

export function removeMlPrice(priceId: number) {
  return dataOf(api.DELETE('/api/v1/analytics/ml/prices/{priceId}', { params: { path: { priceId } } }));
}
