import type { Pool } from 'pg';
import { keyOfLabel, type LabelName } from '../../events/labels.ts';
import { type AdminQuery, type AnswerMetadata, metadataOf } from '../reading/admin-query.ts';
import { alternativesOf, type LabelFilters, labelFilters } from '../reading/alternatives.ts';
import { queryRollups, type SeriesFilters } from '../reading/query-rollups.ts';
import { planRead } from '../reading/read-plan.ts';
import {
  type RequestFigures,
  type RequestRow,
  RequestTally,
  requestSelection,
  secondsPast,
} from './request-figures.ts';

export const routeSorts = [
  'worst',
  'requests',
  'errorRate',
  'clientErrorRate',
  'p50',
  'p95',
  'p99',
  'route',
] as const;
export type RouteSort = (typeof routeSorts)[number];

export interface RoutesQuery extends AdminQuery {
  /** Restricts the answer to this route pattern, or to several, separated by commas. */
  route: string | undefined;
  /** Restricts the answer to this method, or to several, separated by commas. */
  method: string | undefined;
  /** Splits each route by the values of this label. */
  groupBy?: LabelName | undefined;
  sort: RouteSort;
  order: 'asc' | 'desc';
  limit: number;
  offset: number;
}

export interface RouteFigures extends RequestFigures {
  method: string;
  route: string;
  /** With the label that routes are split by. */
  labels?: Record<string, string | null>;
  /** Requests by HTTP status. */
  statusCodes: Record<string, number>;
}

export interface RoutesAnswer extends AnswerMetadata {
  source: 'rollups';
  /** Number of routes that match; `routes` is a page of them. */
  total: number;
  routes: RouteFigures[];
}

type RouteRow = RequestRow & { method: string; route: string; status_code: number } & Partial<
    Record<LabelName, string | null>
  >;

/** The figures of each route of the platform, the worst first by default. */
export async function answerRoutes(pool: Pool, query: RoutesQuery): Promise<RoutesAnswer> {
  const { orgId, now, groupBy, sort, order, limit, offset } = query;
  const plan = planRead(query, 'whole');
  const { rows, freshness } = await queryRollups<RouteRow>(pool, {
    ...requestSelection(['method', 'route', 'status_code', ...(groupBy ? [groupBy] : [])]),
    orgId,
    plan,
    filters: requestFiltersOf(query),
  });
  const seconds = secondsPast(plan.covered, now);
  const routes = figuresByRoute(rows, seconds, groupBy).sort(comparing(sort, order));
  return {
    ...metadataOf(query, freshness, { plan }),
    source: 'rollups',
    total: routes.length,
    routes: routes.slice(offset, offset + limit),
  };
}

/** The filters on the requests that the query selects. */
export function requestFiltersOf({
  route,
  method,
  labels,
}: {
  route?: string | undefined;
  method?: string | undefined;
  labels?: LabelFilters;
}): SeriesFilters {
  return {
    ...labelFilters(labels),
    ...(route !== undefined && { route: alternativesOf(route) }),
    ...(method !== undefined && { method: alternativesOf(method) }),
  };
}

function figuresByRoute(
  rows: readonly RouteRow[],
  seconds: number,
  label: LabelName | undefined,
): RouteFigures[] {
  const labelOf = (row: RouteRow) => (label && row[label]) ?? null;
  const byRoute = new Map<string, RouteRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.method, row.route, labelOf(row)]);
    const ofRoute = byRoute.get(key);
    if (ofRoute) ofRoute.push(row);
    else byRoute.set(key, [row]);
  }
  const tally = new RequestTally();
  return [...byRoute.values()].map((ofRoute) => {
    tally.clear();
    const statusCodes: Record<string, number> = {};
    for (const row of ofRoute) {
      tally.add(row);
      statusCodes[row.status_code] = (statusCodes[row.status_code] ?? 0) + row.count;
    }
    const [first] = ofRoute as [RouteRow];
    const { method, route } = first;
    const labels = label && { labels: { [keyOfLabel(label)]: labelOf(first) } };
    return { method, route, ...labels, ...tally.figures(seconds), statusCodes };
  });
}

/** The normal quantile of a confidence of 95 %. */
const Z = 1.96;

/**
 * The lower bound of the error rate by Wilson's score interval (E. B. Wilson, 1927). It keeps one failure of one
 * request from ranking above 50 failures of 200.
 */
export function errorRateLowerBound(failures: number, requests: number): number {
  if (requests === 0) return 0;
  const share = failures / requests;
  const spread = Z * Math.sqrt((share * (1 - share)) / requests + Z ** 2 / (4 * requests ** 2));
  return Math.max(0, (share + Z ** 2 / (2 * requests) - spread) / (1 + Z ** 2 / requests));
}

function comparing(sort: RouteSort, order: 'asc' | 'desc') {
  const sign = order === 'asc' ? 1 : -1;
  const byName = (a: RouteFigures, b: RouteFigures) =>
    compare(a.route, b.route) || compare(a.method, b.method) || compare(valueOfLabel(a), valueOfLabel(b));
  if (sort === 'route') return (a: RouteFigures, b: RouteFigures) => sign * byName(a, b);
  const keys = new Map<RouteFigures, readonly (number | null)[]>();
  const keyOf = (figures: RouteFigures): readonly (number | null)[] => {
    const known = keys.get(figures) ?? sortKeys[sort](figures);
    keys.set(figures, known);
    return known;
  };
  return (a: RouteFigures, b: RouteFigures): number => {
    const [ofA, ofB] = [keyOf(a), keyOf(b)];
    for (const [index, key] of ofA.entries()) {
      const difference = (key ?? -1) - (ofB[index] ?? -1);
      if (difference !== 0) return sign * difference;
    }
    return byName(a, b);
  };
}

const sortKeys: Record<Exclude<RouteSort, 'route'>, (figures: RouteFigures) => (number | null)[]> = {
  worst: ({ errors, requests, latencyMs }) => [errorRateLowerBound(errors.error, requests), latencyMs.p95],
  requests: ({ requests }) => [requests],
  errorRate: ({ errorRate }) => [errorRate],
  clientErrorRate: ({ clientErrorRate }) => [clientErrorRate],
  p50: ({ latencyMs }) => [latencyMs.p50],
  p95: ({ latencyMs }) => [latencyMs.p95],
  p99: ({ latencyMs }) => [latencyMs.p99],
};

function valueOfLabel({ labels = {} }: RouteFigures): string {
  return Object.values(labels)[0] ?? '';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
