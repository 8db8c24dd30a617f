import type { Pool } from 'pg';
import { type Static, type TSchema, Type } from 'typebox';
import type { Capability } from '../../auth/roles.ts';
import { answerReliability, type PercentileName } from '../../queries/models/reliability.ts';
import type { SeriesQuery } from '../../queries/models/series-query.ts';
import { answerUsage } from '../../queries/models/usage.ts';
import { MOST_MODELS, orgFreshness } from '../../queries/reading/freshness.ts';
import type { FreshnessCache } from '../../queries/reading/freshness-cache.ts';
import {
  type Bucketing,
  beginningOn,
  bucketDaysBefore,
  endOfBucket,
  type TimeRange,
} from '../../queries/reading/time-buckets.ts';
import { alsoCsv } from '../csv/csv-table.ts';
import { readLabels } from '../fields/label-parameters.ts';
import { readTextCursor, textCursorOf } from '../fields/page-cursor.ts';
import { limitParameter, readMillis, readTimezone, refuseParameter } from '../fields/query-parameters.ts';
import { requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { readGranularity, withoutFuture } from './admin-query.ts';
import type { FiguresOptions } from './figures-options.ts';
import {
  defaultRangeDays,
  OrgFreshnessSchema,
  OrgParams,
  ReliabilityQuery,
  ReliabilitySchema,
  UsageQuery,
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

/** The tables of an answer with a series. */
const seriesTables = { series: { rows: 'series' }, totals: { rows: 'totals' } };

function orgRoute<Q extends TSchema, A extends TSchema>(
  capability: Capability,
  about: { summary: string; description?: string },
  querystring: Q,
  answer: A,
) {
  return {
    config: requires(capability, 'param'),
    schema: {
      tags: ['Org analytics'],
      ...about,
      params: OrgParams,
      querystring,
      response: { 200: answer },
    },
  };
}

const usageRoute = alsoCsv(
  orgRoute(
    'usage:read',
    {
      summary: 'Invocations, tokens and cost over time',
      description:
        'For example, `?start=2026-11-01T00:00:00Z&groupBy=model&top=8&topBy=cost&compare=previous` has the eight models of ' +
        'the highest cost and all others together, day by day, each beside its numbers of the time before.',
    },
    UsageQuery,
    UsageSchema,
  ),
  seriesTables,
);

async function usage({ pool, clock }: OrgAnalyticsOptions, request: RequestTo<typeof usageRoute>) {
  const question = await readQuestion(pool, request, clock.now());
  return answerUsage(pool, { ...question, topBy: request.query.topBy });
}

const reliabilityRoute = alsoCsv(
  orgRoute(
    'reliability:read',
    {
      summary: 'Error rate and latency percentiles over time',
      description:
        'For example, `?granularity=hour&groupBy=model&top=20&percentile=p95` has the numbers of a table of models by hour. ' +
        '`?granularity=minute&status=error,timeout&groupBy=errorCode` has the failures of a day by error code and minute.',
    },
    ReliabilityQuery,
    ReliabilitySchema,
  ),
  seriesTables,
);

async function reliability(
  { pool, clock }: OrgAnalyticsOptions,
  request: RequestTo<typeof reliabilityRoute>,
) {
  const percentiles = request.query.percentile?.split(',') as PercentileName[] | undefined;
  return answerReliability(pool, {
    ...(await readQuestion(pool, request, clock.now())),
    percentiles: percentiles ?? DEFAULT_PERCENTILES,
    topBy: request.query.topBy,
  });
}

const freshnessRoute = alsoCsv(
  orgRoute(
    'usage:read',
    { summary: 'How complete the numbers are' },
    Type.Object({
      limit: limitParameter(MOST_MODELS, MOST_MODELS, 'Models'),
      // A cursor of its own length: the id of a model has up to 200 characters, each of them up to six bytes in a cursor.
      after: Type.Optional(
        Type.String({
          maxLength: 2_000,
          description: '`next` of the previous page. Without it: the first page.',
        }),
      ),
    }),
    OrgFreshnessSchema,
  ),
  { entries: { rows: 'entries' } },
);

async function freshness(
  { pool, freshnessCache }: OrgAnalyticsOptions,
  request: RequestTo<typeof freshnessRoute>,
) {
  const { limit = MOST_MODELS, after } = request.query;
  const page = { limit, after: after === undefined ? undefined : readTextCursor(after) };
  const { hasMore, ...answer } = await orgFreshness(pool, freshnessCache, request.params.orgId, page);
  const last = hasMore ? answer.entries.at(-1) : undefined;
  return { ...answer, next: last === undefined ? null : textCursorOf(last.modelId) };
}

/** The parameters that both questions have. */
type SharedQuery = Omit<Static<typeof UsageQuery>, 'topBy'>;

async function readQuestion(
  pool: Pool,
  { params: { orgId }, query }: { params: { orgId: string }; query: SharedQuery },
  now: number,
): Promise<SeriesQuery> {
  const groups = query.groupBy?.split(',') ?? [];
  const repeated = groups.find((name, index) => groups.indexOf(name) < index);
  if (repeated !== undefined) throw refuseParameter('groupBy', `must not repeat ${repeated}`);
  const labels = await readLabels(pool, orgId, query);
  const bucketing = beginningOn(readGranularity(query.granularity ?? 'day'), query.weekStart);
  const timezone = readTimezone(query.timezone);
  return {
    orgId,
    range: readRange(query, { bucketing, zone: timezone }, now),
    granularity: bucketing,
    timezone,
    modelId: query.modelId,
    clientId: query.clientId,
    provider: query.provider,
    serviceTier: query.serviceTier,
    status: query.status,
    errorCode: query.errorCode,
    ...labels,
    groupBy: query.groupBy,
    top: query.top,
    compare: query.compare,
    now,
  };
}

/** The ends that the query leaves out are boundaries of the zone's buckets, so that no bucket is cut. */
function readRange(
  query: SharedQuery,
  { bucketing, zone }: { bucketing: Bucketing; zone: string },
  now: number,
): TimeRange {
  const buckets = { bucketing: bucketing === 'whole' ? 'day' : bucketing, zone } as const;
  const end =
    query.end === undefined ? endOfBucket(now, buckets.bucketing, zone) : readMillis('end', query.end);
  const start =
    query.start === undefined
      ? bucketDaysBefore(end, defaultRangeDays(bucketing), buckets)
      : readMillis('start', query.start);
  if (start >= end) throw refuseParameter('start', `must be before the end, ${new Date(end).toISOString()}`);
  return query.compare === undefined ? { start, end } : withoutFuture({ start, end }, now);
}
