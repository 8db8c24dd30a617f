import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';
import { type Question, timeOf } from '../../question/question.ts';
import type { Comparison } from './search.ts';

export type Overview = Answer<'/api/v1/analytics/business/overview'>;
export type Sales = Answer<'/api/v1/analytics/business/sales'>;
export type Products = Answer<'/api/v1/analytics/business/products'>;
export type Collections = Answer<'/api/v1/analytics/business/collections'>;
export type Funnel = Answer<'/api/v1/analytics/business/funnel'>;

/** A number with that of the time before. */
export interface Compared {
  value: number | null;
  previous: number | null;
}

const MOST_PRODUCTS = 50;

/** The same question for the page and for its CSV. */
export function businessQuestion(question: Question, compare: Comparison) {
  return { ...timeOf(question), orgId: question.org, compare };
}

export function overview(question: Question, compare: Comparison) {
  const query = businessQuestion(question, compare);
  return queryOptions({
    queryKey: ['business', 'overview', query],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/analytics/business/overview', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

export function sales(question: Question, compare: Comparison) {
  const query = { ...businessQuestion(question, compare), granularity: question.range.granularity };
  return queryOptions({
    queryKey: ['business', 'sales', query],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/analytics/business/sales', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

export function products(question: Question, compare: Comparison) {
  const query = { ...businessQuestion(question, compare), limit: MOST_PRODUCTS };
  return queryOptions({
    queryKey: ['business', 'products', query],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/analytics/business/products', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

export function collections(question: Question, compare: Comparison) {
  const query = businessQuestion(question, compare);
  return queryOptions({
    queryKey: ['business', 'collections', query],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/analytics/business/collections', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

export function funnel(question: Question, compare: Comparison) {
  const query = businessQuestion(question, compare);
  return queryOptions({
    queryKey: ['business', 'funnel', query],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/analytics/business/funnel', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}
