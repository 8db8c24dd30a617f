import type { Pool } from 'pg';
import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { groupings } from '../../queries/models/grouped-series.ts';
import { answerReliability, type PercentileName } from '../../queries/models/reliability.ts';
import type { SeriesQuery } from '../../queries/models/series-query.ts';
import { answerUsage } from '../../queries/models/usage.ts';
import { orgFreshness } from '../../queries/reading/freshness.ts';
import type { FreshnessCache } from '../../queries/reading/freshness-cache.ts';
import { granularities, type TimeRange } from '../../queries/reading/time-buckets.ts';
import { bucketEnd, bucketStart, grainNamed } from '../../rollups/grains.ts';
import { type Clock, DAY } from '../../time.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import {
  moment,
  readMillis,
  readTimezone,
  refuseParameter,
  timezoneParameter,
} from '../fields/query-parameters.ts';
import type { Server } from '../shell/typed-server.ts';
import { FreshnessSchema, freshnessStatus } from './freshness-schema.ts';

const DEFAULT_RANGE_DAYS = 30;
const DEFAULT_PERCENTILES: PercentileName[] = ['p50', 'p95', 'p99'];

const Params = Type.Object({ orgId: Type.String({ minLength: 1, maxLength: 200 }) });

const rangeQuery = {
  start: Type.Optional(moment(`From when; default ${DEFAULT_RANGE_DAYS} days before the end.`)),
  end: Type.Optional(moment('Up to, and without, when; default the end of the current bucket.')),
  granularity: Type.Optional(Type.Enum(granularities, { description: 'Width of a bucket; default day.' })),
  timezone: timezoneParameter,
  modelId: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Only this model.' })),
  groupBy: Type.Optional(
    Type.Enum(groupings, { description: 'One point a bucket for each model or client.' }),
  ),
};

const UsageQuery = Type.Object(rangeQuery);
const ReliabilityQuery = Type.Object({
  ...rangeQuery,
  percentile: Type.Optional(
    Type.String({
      pattern: '^p\\d{1,2}(\\.\\d{1,3})?(,p\\d{1,2}(\\.\\d{1,3})?){0,9}$',
      'x-expected': 'one to ten percentiles from p0 to p99.999, separated by commas, such as p50,p99.9',
      maxLength: 100,
      description: 'Percentiles of the latency, separated by commas; default p50,p95,p99.',
    }),
  ),
});

const point = {
  bucketStart: moment('Start of the bucket.'),
  modelId: Type.Optional(textOrNull('With groupBy=model.')),
  clientId: Type.Optional(textOrNull('With groupBy=client.')),
};

const usageNumbers = {
  invocations: Type.Integer(),
  inputTokens: Type.Integer(),
  outputTokens: Type.Integer(),
  cachedInputTokens: Type.Integer(),
  costEstimateCents: Type.Number({ description: 'Cents, up to four decimals.' }),
};

const reliabilityNumbers = {
  invocations: Type.Integer(),
  errorRate: Type.Number({ minimum: 0, maximum: 1 }),
  errors: Type.Record(Type.String(), Type.Integer(), { description: 'Failed invocations by status.' }),
  latencyMs: Type.Record(Type.String(), numberOrNull(), {
    description: 'Milliseconds, within 1 % of the exact percentile; null without invocations.',
  }),
};

function seriesAnswer<T extends TProperties>(numbers: T) {
  return Type.Object({
    orgId: Type.String(),
    granularity: Type.Enum(granularities),
    timezone: Type.String(),
    start: moment(
      'What the numbers cover: the range asked for, widened to the finest rollups kept for its ends.',
    ),
    end: moment('End of what the numbers cover.'),
    series: Type.Array(Type.Object({ ...point, ...numbers })),
    totals: Type.Object(numbers),
    freshness: FreshnessSchema,
  });
}

interface QueryOptions {
  pool: Pool;
  clock: Clock;
  freshnessCache: FreshnessCache;
}

/** Usage, reliability and freshness of an org. */
export function registerQueryRoutes(server: Server, { pool, clock, freshnessCache }: QueryOptions): void {
  const describe = <Q extends TSchema, A extends TSchema>(summary: string, querystring: Q, answer: A) => ({
    tags: ['Org analytics'],
    summary,
    params: Params,
    querystring,
    response: { 200: answer },
  });

  server.get(
    '/analytics/v1/orgs/:orgId/usage',
    {
      config: { access: { capability: 'usage:read', org: 'param' } },
      schema: describe('Invocations, tokens and cost over time', UsageQuery, seriesAnswer(usageNumbers)),
    },
    async (request) => answerUsage(pool, readQuestion(request.params.orgId, request.query, clock.now())),
  );

  server.get(
    '/analytics/v1/orgs/:orgId/reliability',
    {
      config: { access: { capability: 'reliability:read', org: 'param' } },
      schema: describe(
        'Error rate and latency percentiles over time',
        ReliabilityQuery,
        seriesAnswer(reliabilityNumbers),
      ),
    },
    async (request) =>
      answerReliability(pool, {
        ...readQuestion(request.params.orgId, request.query, clock.now()),
        percentiles:
          (request.query.percentile?.split(',') as PercentileName[] | undefined) ?? DEFAULT_PERCENTILES,
      }),
  );

  server.get(
    '/analytics/v1/orgs/:orgId/freshness',
    {
      config: { access: { capability: 'usage:read', org: 'param' } },
      schema: describe(
        'How complete the numbers are',
        Type.Object({}),
        Type.Object({
          orgId: Type.String(),
          status: freshnessStatus,
          asOf: moment('Every event acknowledged before this moment is in the numbers.'),
          lagSeconds: Type.Number(),
          entries: Type.Array(
            Type.Object({
              modelId: Type.String(),
              lastEventAt: moment('When the last event of the model occurred.'),
              lastRollupAt: moment('When the numbers of the model last changed.'),
              lagSeconds: Type.Number(),
              status: freshnessStatus,
            }),
          ),
        }),
      ),
    },
    async (request) => orgFreshness(pool, freshnessCache, request.params.orgId),
  );
}

function readQuestion(orgId: string, query: Static<typeof UsageQuery>, now: number): SeriesQuery {
  const { granularity = 'day' } = query;
  return {
    orgId,
    range: readRange(query, granularity, now),
    granularity,
    timezone: readTimezone(query.timezone),
    modelId: query.modelId,
    groupBy: query.groupBy,
    now,
  };
}

function readRange(
  query: Static<typeof UsageQuery>,
  granularity: (typeof granularities)[number],
  now: number,
): TimeRange {
  const grain = grainNamed(granularity);
  const end = query.end === undefined ? bucketEnd(grain, now + 1) : readMillis('end', query.end);
  const start =
    query.start === undefined
      ? bucketStart(grain, end - DEFAULT_RANGE_DAYS * DAY)
      : readMillis('start', query.start);
  if (start >= end) throw refuseParameter('start', `must be before the end, ${new Date(end).toISOString()}`);
  return { start, end };
}
