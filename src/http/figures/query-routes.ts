import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import type { Capability } from '../../auth/roles.ts';
import { groupings } from '../../queries/models/grouped-series.ts';
import { answerReliability, type PercentileName } from '../../queries/models/reliability.ts';
import type { SeriesQuestion } from '../../queries/models/series-question.ts';
import { answerUsage } from '../../queries/models/usage.ts';
import { orgFreshness } from '../../queries/reading/freshness.ts';
import type { FreshnessCache } from '../../queries/reading/freshness-cache.ts';
import { granularities, type TimeRange } from '../../queries/reading/time-buckets.ts';
import { bucketEnd, bucketStart, grainNamed } from '../../rollups/grains.ts';
import { DAY } from '../../time.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { readMillis, readTimezone, refuseParameter, timezoneParameter } from '../fields/query-parameters.ts';
import { asOfEveryEvent, moment, shortText } from '../fields/texts.ts';
import { requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import type { FiguresOptions } from './figures-options.ts';
import { FreshnessSchema, freshnessStatus } from './freshness-schema.ts';

const BASE = '/analytics/v1/orgs/:orgId';
const DEFAULT_RANGE_DAYS = 30;
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

const Params = Type.Object({ orgId: Type.String({ minLength: 1, maxLength: 200 }) });

const rangeQuery = {
  start: Type.Optional(moment(`Start of the range. Default: ${DEFAULT_RANGE_DAYS} days before the end.`)),
  end: Type.Optional(
    moment('End of the range, which is not part of it. Default: the end of the current bucket.'),
  ),
  granularity: Type.Optional(Type.Enum(granularities, { description: 'Width of a bucket. Default day.' })),
  timezone: timezoneParameter,
  modelId: Type.Optional(shortText(200, 'Only this model.')),
  groupBy: Type.Optional(
    Type.Enum(groupings, { description: 'One point per bucket for each model or client.' }),
  ),
};
const RangeQuery = Type.Object(rangeQuery);

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
      params: Params,
      querystring,
      response: { 200: answer },
    },
  };
}

function seriesAnswer<T extends TProperties>(numbers: T) {
  return Type.Object({
    orgId: Type.String(),
    granularity: Type.Enum(granularities),
    timezone: Type.String(),
    start: moment(
      'Start of the time that the numbers cover: the range of the query, widened at both ends to the finest rollups kept there.',
    ),
    end: moment('End of the time that the numbers cover.'),
    series: Type.Array(
      Type.Object({
        bucketStart: moment('Start of the bucket.'),
        modelId: Type.Optional(textOrNull('With groupBy=model.')),
        clientId: Type.Optional(textOrNull('With groupBy=client.')),
        ...numbers,
      }),
    ),
    totals: Type.Object(numbers),
    freshness: FreshnessSchema,
  });
}

const usageRoute = orgRoute(
  'usage:read',
  'Invocations, tokens and cost over time',
  RangeQuery,
  seriesAnswer({
    invocations: Type.Integer(),
    inputTokens: Type.Integer(),
    outputTokens: Type.Integer(),
    cachedInputTokens: Type.Integer(),
    costEstimateCents: Type.Number({ description: 'Cents, with up to four decimals.' }),
  }),
);

async function usage({ pool, clock }: OrgAnalyticsOptions, request: RequestTo<typeof usageRoute>) {
  return answerUsage(pool, readQuestion(request.params.orgId, request.query, clock.now()));
}

const reliabilityRoute = orgRoute(
  'reliability:read',
  'Error rate and latency percentiles over time',
  Type.Object({
    ...rangeQuery,
    percentile: Type.Optional(
      Type.String({
        pattern: '^p\\d{1,2}(\\.\\d{1,3})?(,p\\d{1,2}(\\.\\d{1,3})?){0,9}$',
        'x-expected': 'one to ten percentiles from p0 to p99.999, separated by commas, such as p50,p99.9',
        maxLength: 100,
        description: 'Percentiles of the latency, separated by commas. Default p50,p95,p99.',
      }),
    ),
  }),
  seriesAnswer({
    invocations: Type.Integer(),
    errorRate: Type.Number({ minimum: 0, maximum: 1 }),
    errors: Type.Record(Type.String(), Type.Integer(), { description: 'Failed invocations by status.' }),
    latencyMs: Type.Record(Type.String(), numberOrNull(), {
      description: 'Milliseconds, within 1 % of the exact percentile; null without invocations.',
    }),
  }),
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
  Type.Object({
    orgId: Type.String(),
    status: freshnessStatus,
    asOf: asOfEveryEvent,
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
);

async function freshness(
  { pool, freshnessCache }: OrgAnalyticsOptions,
  request: RequestTo<typeof freshnessRoute>,
) {
  return orgFreshness(pool, freshnessCache, request.params.orgId);
}

function readQuestion(orgId: string, query: Static<typeof RangeQuery>, now: number): SeriesQuestion {
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
  query: Static<typeof RangeQuery>,
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
