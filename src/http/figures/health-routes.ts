import type { Pool } from 'pg';
import { type TSchema, Type } from 'typebox';
import { answerRoutes, routeSorts } from '../../queries/health/api.ts';
import { answerDatabaseHealth } from '../../queries/health/database.ts';
import { answerHealthOverview, type HealthSource } from '../../queries/health/overview.ts';
import type { PipelineSource } from '../../queries/health/pipeline.ts';
import { answerHealthSeries, type HealthMetric, healthMetricNames } from '../../queries/health/timeseries.ts';
import type { CsvTables } from '../csv/csv-table.ts';
import { groupingParameter, readLabels, withLabelFilters } from '../fields/label-parameters.ts';
import { limitParameter, orderParameter } from '../fields/query-parameters.ts';
import { shortText } from '../fields/texts.ts';
import { actorOf, orgOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { adminQuery, granularityQuery, rangeNames, ranges, readAdminQuestion } from './admin-query.ts';
import { checkReachesAllOrgs } from './all-orgs-only.ts';
import {
  DatabaseHealthSchema,
  HealthOverviewSchema,
  HealthSeriesSchema,
  RoutesSchema,
} from './health-schema.ts';
import { registerPipelineRoutes } from './pipeline-routes.ts';

const BASE = '/api/v1/analytics/health';
const DEFAULT_LIMIT = 50;
const DEFAULT_METRIC: HealthMetric = 'requests';

interface HealthOptions extends HealthSource, PipelineSource {
  /** The pools whose connections `/health/database` counts, by name. */
  pools: Readonly<Record<string, Pool>>;
}

/** Health of the platform and of the service. */
export function registerHealthRoutes(server: Server, options: HealthOptions): void {
  server.get(`${BASE}/overview`, overviewRoute, (request) => overview(options, request));
  server.get(`${BASE}/api`, routesRoute, (request) => routes(options, request));
  server.get(`${BASE}/timeseries`, seriesRoute, (request) => series(options, request));
  server.get(`${BASE}/database`, databaseRoute, (request) => database(options, request));
  registerPipelineRoutes(server, options);
}

const config = requires('platform:read', 'query');

function healthSchema<Q extends TSchema, A extends TSchema>(
  { summary, description }: { summary: string; description: string },
  querystring: Q,
  answer: A,
) {
  return { tags: ['System health'], summary, description, querystring, response: { 200: answer } };
}

const overviewRoute = {
  config: { ...config, csv: { overview: {}, reasons: { rows: 'reasons' } } },
  schema: healthSchema(
    {
      summary: 'Status of the platform and the service, with reasons',
      description:
        'The status and its reasons, figures of the platform over the range, and figures of the service now.',
    },
    withLabelFilters(adminQuery),
    HealthOverviewSchema,
  ),
};

async function overview(options: HealthOptions, request: RequestTo<typeof overviewRoute>) {
  const orgId = orgOf(request);
  const question = readAdminQuestion(request.query, orgId, options.clock.now());
  const labels = await readLabels(options.pool, orgId, request.query);
  return answerHealthOverview(options, { ...question, ...labels });
}

const filters = {
  route: Type.Optional(
    shortText(2_000, 'Only this route pattern, such as /orders/:id, or these, separated by commas.'),
  ),
  method: Type.Optional(
    shortText(200, 'Only this HTTP method, spelt as it was sent, or these, separated by commas.'),
  ),
};

const routesRoute = {
  config: { ...config, csv: { routes: { rows: 'routes', total: 'total' } } },
  schema: healthSchema(
    {
      summary: 'Routes of the platform, the worst first',
      description: 'Rate, errors by class, and percentiles of every method and route over the range.',
    },
    withLabelFilters({
      ...adminQuery,
      ...filters,
      groupBy: groupingParameter([], 'Splits each route by the values of this label.'),
      sort: Type.Optional(
        Type.Enum(routeSorts, {
          description:
            'Default worst: by the lower bound of the 95 % interval of the error rate, then by p95.',
        }),
      ),
      order: orderParameter('Default desc; asc when sorted by route.'),
      limit: limitParameter(500, DEFAULT_LIMIT, 'Routes'),
      offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Routes to skip.' })),
    }),
    RoutesSchema,
  ),
};

async function routes({ pool, clock }: HealthOptions, request: RequestTo<typeof routesRoute>) {
  const { route, method, groupBy, sort = 'worst', limit = DEFAULT_LIMIT, offset = 0 } = request.query;
  const orgId = orgOf(request);
  return answerRoutes(pool, {
    ...readAdminQuestion(request.query, orgId, clock.now()),
    ...(await readLabels(pool, orgId, request.query)),
    groupBy,
    route,
    method,
    sort,
    order: request.query.order ?? (sort === 'route' ? 'asc' : 'desc'),
    limit,
    offset,
  });
}

const seriesRoute = {
  config: { ...config, csv: { series: { rows: 'series' } } },
  schema: healthSchema(
    {
      summary: 'A figure of the platform over time',
      description: 'Rates, errors and latency of requests to the platform, bucket by bucket.',
    },
    withLabelFilters({
      ...adminQuery,
      ...granularityQuery,
      ...filters,
      groupBy: groupingParameter([], 'One point per bucket for each value of this label.'),
      metric: Type.Optional(
        Type.Enum(healthMetricNames, { description: `The figure. Default ${DEFAULT_METRIC}.` }),
      ),
    }),
    HealthSeriesSchema,
  ),
};

async function series({ pool, clock }: HealthOptions, request: RequestTo<typeof seriesRoute>) {
  const { metric = DEFAULT_METRIC, route, method, groupBy } = request.query;
  const orgId = orgOf(request);
  const question = readAdminQuestion(request.query, orgId, clock.now());
  const labels = await readLabels(pool, orgId, request.query);
  return answerHealthSeries(pool, { ...question, ...labels, metric, route, method, groupBy });
}

const databaseTables: CsvTables = {
  tables: { rows: 'tables' },
  pools: { rows: 'pools' },
  slowStatements: { rows: 'slowStatements' },
};

const databaseRoute = {
  config: { ...requires('platform:read', 'none'), csv: databaseTables },
  schema: healthSchema(
    {
      summary: 'Health of the database',
      description:
        'Connections, latency, cache, sizes, replication and slow statements, from the statistics of PostgreSQL. The caller ' +
        'needs access to all orgs. There is no `orgId`, because all orgs share one database. There is no `start`, `end` or ' +
        '`timezone`, because PostgreSQL keeps no history of its statistics.',
    },
    Type.Object({
      range: Type.Optional(
        Type.Enum(rangeNames, {
          description:
            'The time up to now that the latency of queries covers, if the service can ask a Prometheus server; see ' +
            '`latency.windowSeconds`. All other figures are of now.',
        }),
      ),
    }),
    DatabaseHealthSchema,
  ),
};

async function database(options: HealthOptions, request: RequestTo<typeof databaseRoute>) {
  checkReachesAllOrgs(actorOf(request), 'All orgs share the database.');
  const { range } = request.query;
  return answerDatabaseHealth(options, range && ranges[range]);
}
