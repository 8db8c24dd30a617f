import type { Pool } from 'pg';
import { type TSchema, Type } from 'typebox';
import { type Actor, mayIn } from '../../auth/actor.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { answerRoutes, routeSorts } from '../../queries/health/api.ts';
import { answerDatabaseHealth } from '../../queries/health/database.ts';
import { answerHealthOverview, type HealthSource } from '../../queries/health/overview.ts';
import { answerHealthSeries, healthMetricNames } from '../../queries/health/timeseries.ts';
import type { Clock } from '../../time.ts';
import { actorOf, orgOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { adminQuery, granularityQuery, rangeNames, ranges, readAdminQuestion } from './admin-query.ts';
import {
  DatabaseHealthSchema,
  HealthOverviewSchema,
  HealthSeriesSchema,
  RoutesSchema,
} from './health-schema.ts';

const DEFAULT_LIMIT = 50;

const filters = {
  route: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 300,
      description: 'Only this route pattern, such as /orders/:id.',
    }),
  ),
  method: Type.Optional(
    Type.String({ minLength: 1, maxLength: 20, description: 'Only this HTTP method, as it was sent.' }),
  ),
};

const OverviewQuery = Type.Object(adminQuery);
const RoutesQuery = Type.Object({
  ...adminQuery,
  ...filters,
  sort: Type.Optional(
    Type.Enum(routeSorts, {
      description:
        'Default worst: by the error rate that is certain at least (the lower bound of its 95 % interval), then by p95.',
    }),
  ),
  order: Type.Optional(
    Type.Enum(['asc', 'desc'] as const, { description: 'Default desc; asc when sorted by route.' }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, description: `Routes at most; default ${DEFAULT_LIMIT}.` }),
  ),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Routes passed over.' })),
});
const SeriesQuery = Type.Object({
  ...adminQuery,
  ...granularityQuery,
  ...filters,
  metric: Type.Enum(healthMetricNames, { description: 'What is followed.' }),
});
const DatabaseQuery = Type.Object({
  range: Type.Optional(
    Type.Enum(rangeNames, {
      description:
        'The time up to now that the latency of queries is of, where the service has a Prometheus to ask; `latency.windowSeconds` says. All else is of now.',
    }),
  ),
});

interface HealthOptions extends HealthSource {
  pool: Pool;
  /** Whose connections `/health/database` counts, by name. */
  pools: Readonly<Record<string, Pool>>;
  clock: Clock;
}

/** How the platform and the service do. */
export function registerHealthRoutes(server: Server, options: HealthOptions): void {
  const { pool, clock } = options;
  const config = { access: { capability: 'platform:read', org: 'query' } } as const;
  const describe = <Q extends TSchema, A extends TSchema>(
    summary: string,
    description: string,
    querystring: Q,
    answer: A,
  ) => ({ tags: ['System health'], summary, description, querystring, response: { 200: answer } });

  server.get(
    '/api/v1/analytics/health/overview',
    {
      config,
      schema: describe(
        'Whether all is well, and why not',
        'Status with its reasons, figures of the platform over the range, and of the service itself now.',
        OverviewQuery,
        HealthOverviewSchema,
      ),
    },
    async (request) =>
      answerHealthOverview(options, readAdminQuestion(request.query, orgOf(request), clock.now())),
  );

  server.get(
    '/api/v1/analytics/health/api',
    {
      config,
      schema: describe(
        'Each route of the platform, the worst first',
        'Rate, errors by class and percentiles of every method and route over the range.',
        RoutesQuery,
        RoutesSchema,
      ),
    },
    async (request) => {
      const { route, method, sort = 'worst', limit = DEFAULT_LIMIT, offset = 0 } = request.query;
      return answerRoutes(pool, {
        ...readAdminQuestion(request.query, orgOf(request), clock.now()),
        route,
        method,
        sort,
        order: request.query.order ?? (sort === 'route' ? 'asc' : 'desc'),
        limit,
        offset,
      });
    },
  );

  server.get(
    '/api/v1/analytics/health/timeseries',
    {
      config,
      schema: describe(
        'A figure of the platform over time',
        'Rates, errors and latency of requests to the platform, bucket by bucket.',
        SeriesQuery,
        HealthSeriesSchema,
      ),
    },
    async (request) => {
      const { metric, route, method } = request.query;
      const question = readAdminQuestion(request.query, orgOf(request), clock.now());
      return answerHealthSeries(pool, { ...question, metric, route, method });
    },
  );

  server.get(
    '/api/v1/analytics/health/database',
    {
      config: { access: { capability: 'platform:read', org: 'none' } },
      schema: describe(
        'How the database does',
        'Connections, latency, cache, sizes, replication and slow statements, from its own statistics. For those who may see all orgs. ' +
          'It takes no `orgId`, as the database is one for all orgs; no `start` and `end`, as it keeps no past of its statistics; ' +
          'and no `timezone`, as it has no days.',
        DatabaseQuery,
        DatabaseHealthSchema,
      ),
    },
    async (request) => {
      refuseTenants(actorOf(request));
      const { range } = request.query;
      return answerDatabaseHealth(options, range && ranges[range]);
    },
  );
}

/** What all orgs share tells of all of them. */
function refuseTenants(actor: Actor): void {
  if (mayIn(actor, 'platform:read', ALL_ORGS)) return;
  throw new CodedError(
    'forbidden',
    'The database is shared by all orgs; this needs a role that reaches all of them.',
  );
}
