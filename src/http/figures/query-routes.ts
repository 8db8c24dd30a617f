import { type Static, type TSchema, Type } from 'typebox';
import type { Capability } from '../../auth/roles.ts';
import { answerReliability, type PercentileName } from '../../queries/models/reliability.ts';
import type { SeriesQuery } from '../../queries/models/series-query.ts';
import { answerUsage } from '../../queries/models/usage.ts';
import { orgFreshness } from '../../queries/reading/freshness.ts';
import type { FreshnessCache } from '../../queries/reading/freshness-cache.ts';
import {
  bucketDaysBefore,
  endOfBucket,
  type Granularity,
  type TimeRange,
} from '../../queries/reading/time-buckets.ts';
import { readMillis, readTimezone, refuseParameter } from '../fields/query-parameters.ts';
import { requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import type { FiguresOptions } from './figures-options.ts';
import {
  DEFAULT_RANGE_DAYS,
  OrgFreshnessSchema,
  OrgParams,
  RangeQuery,
  ReliabilityQuery,
  ReliabilitySchema,
  UsageSchema,
} from './query-schema.ts';

const BASE = '/analytics/v1/orgs/:orgId';
const DEFAULT_PERCENTILES: PercentileName[] = ['p50', 'p95', 'p99'];

interface OrgAnalyticsOptions extends FiguresOptions {
  freshnessCache: FreshnessCache;
}

/** Usage, reliability and freshness of one org. */
export function registerQueryRoutes(server: Server, options: OrgAnalyticsOptions): void {
  server.get(`${BASE}/usage`, usageRoute, (request) => usage(options, request));
  server.get(`${BASE}/reliability`, reliabilityRoute, (request) => reliability(options, request));
  server.get(`${BASE}/freshness`, freshnessRoute, (request) => freshness(options, request));
}

function orgRoute<Q extends TSchema, A extends TSchema>(
  capability: Capability,
  summary: string,
  querystring: Q,
  answer: A,
) {
  return {
    config: requires(capability, 'param'),
    schema: {
      tags: ['Org analytics'],
      summary,
      params: OrgParams,
      querystring,
      response: { 200: answer },
    },
  };
}

const usageRoute = orgRoute('usage:read', 'Invocations, tokens and cost over time', RangeQuery, UsageSchema);

async function usage({ pool, clock }: OrgAnalyticsOptions, request: RequestTo<typeof usageRoute>) {
  return answerUsage(pool, readQuestion(request.params.orgId, request.query, clock.now()));
}

const reliabilityRoute = orgRoute(
  'reliability:read',
  'Error rate and latency percentiles over time',
  ReliabilityQuery,
  ReliabilitySchema,
);

async function reliability(
  { pool, clock }: OrgAnalyticsOptions,
  request: RequestTo<typeof reliabilityRoute>,
) {
  const percentiles = request.query.percentile?.split(',') as PercentileName[] | undefined;
  return answerReliability(pool, {
    ...readQuestion(request.params.orgId, request.query, clock.now()),
    percentiles: percentiles ?? DEFAULT_PERCENTILES,
  });
}

const freshnessRoute = orgRoute(
  'usage:read',
  'How complete the numbers are',
  Type.Object({}),
  OrgFreshnessSchema,
);

async function freshness(
  { pool, freshnessCache }: OrgAnalyticsOptions,
  request: RequestTo<typeof freshnessRoute>,
) {
  return orgFreshness(pool, freshnessCache, request.params.orgId);
}

function readQuestion(orgId: string, query: Static<typeof RangeQuery>, now: number): SeriesQuery {
  const { granularity = 'day' } = query;
  const timezone = readTimezone(query.timezone);
  return {
    orgId,
    range: readRange(query, { granularity, zone: timezone }, now),
    granularity,
    timezone,
    modelId: query.modelId,
    groupBy: query.groupBy,
    now,
  };
}

/** The ends that the query leaves out are boundaries of the zone's buckets, so that no bucket is cut. */
function readRange(
  query: Static<typeof RangeQuery>,
  buckets: { granularity: Granularity; zone: string },
  now: number,
): TimeRange {
  const end =
    query.end === undefined
      ? endOfBucket(now, buckets.granularity, buckets.zone)
      : readMillis('end', query.end);
  const start =
    query.start === undefined
      ? bucketDaysBefore(end, DEFAULT_RANGE_DAYS, buckets)
      : readMillis('start', query.start);
  if (start >= end) throw refuseParameter('start', `must be before the end, ${new Date(end).toISOString()}`);
  return { start, end };
}
