import { Type } from 'typebox';
import { healthReasons } from '../../queries/health/status.ts';
import { healthMetricNames } from '../../queries/health/timeseries.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';
import { adminFrame, GranularityShown } from './admin-query.ts';
import { MissingSchema, PercentilesSchema, RealtimeSchema, realtimeSource } from './realtime-schema.ts';

const statusNames = ['ok', 'degraded', 'down'] as const;
const reasonCodes = Object.keys(healthReasons) as (keyof typeof healthReasons)[];

const figures = {
  requests: Type.Integer(),
  requestRate: Type.Number({ description: 'A second.' }),
  errorRate: numberOrNull('Share answered with 5xx, 0 to 1; null without requests.'),
  clientErrorRate: numberOrNull('Share answered with 4xx.'),
  errors: Type.Object(
    { error: Type.Integer(), client_error: Type.Integer() },
    { description: 'Failed requests, 5xx and 4xx.' },
  ),
  latencyMs: Type.Object(
    {
      avg: numberOrNull(),
      p50: numberOrNull(),
      p95: numberOrNull(),
      p99: numberOrNull(),
      max: numberOrNull(),
    },
    { description: 'Milliseconds; percentiles within 1 % of the exact ones.' },
  ),
};

const rollups = Type.Literal('rollups', { description: 'From the api_request events of the platform.' });

export const HealthOverviewSchema = Type.Object({
  ...adminFrame,
  status: Type.Enum(statusNames, { description: 'How things are now, whatever the range.' }),
  reasons: Type.Array(
    Type.Object({
      code: Type.Enum(reasonCodes),
      status: Type.Enum(statusNames, { description: 'How bad this is by itself.' }),
      value: numberOrNull(),
      threshold: numberOrNull(),
      message: Type.String(),
    }),
    { description: 'Everything that keeps the status from being ok.' },
  ),
  thresholds: Type.Object({
    errorRate: Type.Number({ description: 'Share of 5xx from which things are degraded.' }),
    downErrorRate: Type.Number({ description: 'Share of 5xx from which they are down.' }),
    latencyP95Ms: Type.Number({ description: 'p95 above which they are degraded.' }),
    minimumRequests: Type.Integer({ description: 'Fewer requests than these say nothing.' }),
    windowSeconds: Type.Number({ description: 'The last seconds of the platform that the status is of.' }),
  }),
  platform: Type.Object(
    { source: rollups, ...figures },
    { description: 'Requests to the platform over the range.' },
  ),
  service: Type.Object(RealtimeSchema.properties, { description: 'This service itself, now.' }),
});

export const RoutesSchema = Type.Object({
  ...adminFrame,
  source: rollups,
  total: Type.Integer({ description: 'Routes there are, of which this is a page.' }),
  routes: Type.Array(
    Type.Object({
      method: Type.String(),
      route: Type.String(),
      ...figures,
      statusCodes: Type.Record(Type.String(), Type.Integer(), { description: 'Requests by HTTP status.' }),
    }),
  ),
});

export const HealthSeriesSchema = Type.Object({
  ...adminFrame,
  source: rollups,
  metric: Type.Enum(healthMetricNames),
  unit: Type.String(),
  granularity: GranularityShown,
  series: Type.Array(
    Type.Object({
      bucketStart: moment('Start of the bucket.'),
      value: numberOrNull('null where there were no requests to take a share or a time of.'),
    }),
  ),
  total: numberOrNull('The same of the whole range: no average of the points.'),
});

export const DatabaseHealthSchema = Type.Object({
  asOf: moment('When the database was asked.'),
  pools: Type.Array(
    Type.Object({
      pool: Type.String(),
      max: Type.Integer(),
      active: Type.Integer(),
      idle: Type.Integer(),
      waiting: Type.Integer({ description: 'Callers that wait for a connection.' }),
    }),
    { description: 'Of the process that answers.' },
  ),
  latency: Type.Object({
    probeMs: Type.Number({ description: 'A query that does nothing, just now.' }),
    queryMs: PercentilesSchema,
    source: realtimeSource,
    windowSeconds: Type.Number({ description: 'What `queryMs` is taken over.' }),
  }),
  connections: orNull(
    Type.Object({
      total: Type.Integer(),
      active: Type.Integer(),
      idle: Type.Integer(),
      idleInTransaction: Type.Integer(),
      waiting: Type.Integer({ description: 'Active ones that wait for a lock.' }),
      hidden: Type.Integer({ description: "Of others, into which the service's role may not look." }),
      max: Type.Integer(),
      longestTransactionSeconds: Type.Number(),
    }),
    'Connections to the database, of everybody.',
  ),
  cache: orNull(
    Type.Object({
      hitRatio: numberOrNull("Share of blocks found in PostgreSQL's own memory, 0 to 1."),
      commits: Type.Integer(),
      rollbacks: Type.Integer(),
      deadlocks: Type.Integer(),
      temporaryBytes: Type.Integer(),
      since: orNull(moment('What the counts are since.')),
    }),
    'Counts of the database.',
  ),
  tables: orNull(
    Type.Array(
      Type.Object({
        table: Type.String(),
        partitions: Type.Integer({ description: 'All of which are added up.' }),
        tableBytes: Type.Integer(),
        indexBytes: Type.Integer(),
        rows: Type.Integer({ description: 'As estimated by the server.' }),
        deadRows: Type.Integer(),
      }),
    ),
    'Largest first.',
  ),
  totalBytes: numberOrNull(),
  replication: orNull(
    Type.Object({
      role: Type.Enum(['primary', 'replica'] as const),
      replayLagSeconds: numberOrNull(
        'Of a replica: the age of the last transaction it has replayed; 0 when it has replayed all.',
      ),
      replicas: Type.Array(
        Type.Object({
          name: Type.String(),
          state: textOrNull(),
          syncState: textOrNull(),
          lagBytes: numberOrNull(),
          lagSeconds: numberOrNull(),
        }),
        { description: "Figures that the service's role may not see are null." },
      ),
    }),
    'Who follows the database, or how far it is behind.',
  ),
  slowStatements: orNull(
    Type.Array(
      Type.Object({
        query: Type.String(),
        calls: Type.Integer(),
        meanMs: Type.Number(),
        maxMs: Type.Number(),
        totalMs: Type.Number(),
        rows: Type.Integer(),
      }),
    ),
    'The ten slowest on average, from pg_stat_statements; null where it is not there.',
  ),
  missing: MissingSchema,
});
