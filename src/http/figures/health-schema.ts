import { Type } from 'typebox';
import { healthReasons } from '../../queries/health/status.ts';
import { healthMetricNames } from '../../queries/health/timeseries.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';
import { adminFrame, GranularityShown, partialField } from './admin-answer.ts';
import { groupedLabels, restField, restGroups } from './grouped-fields.ts';
import { MissingSchema, PercentilesSchema, RealtimeSchema, realtimeSource } from './realtime-schema.ts';

const statusNames = ['ok', 'degraded', 'down'] as const;
const reasonCodes = Object.keys(healthReasons) as (keyof typeof healthReasons)[];

const figures = {
  requests: Type.Integer(),
  requestRate: Type.Number({ description: 'Requests per second.' }),
  errorRate: numberOrNull('Share answered with 5xx, 0 to 1; null without requests.'),
  clientErrorRate: numberOrNull('Share answered with 4xx.'),
  errors: Type.Object(
    { error: Type.Integer(), client_error: Type.Integer() },
    { description: 'Requests answered with 5xx (error) and 4xx (client_error).' },
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

const rollups = Type.Literal('rollups', {
  description: 'The numbers come from the api_request events of the platform.',
});

export const HealthOverviewSchema = Type.Object({
  ...adminFrame,
  status: Type.Enum(statusNames, { description: 'The status of now, independent of the range.' }),
  reasons: Type.Array(
    Type.Object({
      code: Type.Enum(reasonCodes),
      status: Type.Enum(statusNames, { description: 'The status that this reason alone causes.' }),
      value: numberOrNull(),
      threshold: numberOrNull(),
      message: Type.String(),
    }),
    { description: 'Every reason why the status is not ok.' },
  ),
  thresholds: Type.Object({
    errorRate: Type.Number({ description: 'Share of 5xx from which the status is degraded.' }),
    downErrorRate: Type.Number({ description: 'Share of 5xx from which the status is down.' }),
    latencyP95Ms: Type.Number({ description: 'p95 above which the status is degraded.' }),
    minimumRequests: Type.Integer({
      description: 'With fewer requests, the error rate and latency are not judged.',
    }),
    windowSeconds: Type.Number({ description: 'Length of the time up to now that the status is judged by.' }),
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
  total: Type.Integer({ description: 'All routes; `routes` is a page of them.' }),
  routes: Type.Array(
    Type.Object({
      method: Type.String(),
      route: Type.String(),
      labels: groupedLabels,
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
      ...partialField,
      labels: groupedLabels,
      rest: restField,
      value: numberOrNull('null for a share or a latency without requests.'),
    }),
  ),
  restGroups,
  total: numberOrNull('The figure of the whole range, which is not an average of the points.'),
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
    { description: 'The pools of the process that answers.' },
  ),
  latency: Type.Object({
    probeMs: Type.Number({ description: 'Duration of an empty query, measured for this answer.' }),
    queryMs: PercentilesSchema,
    source: realtimeSource,
    windowSeconds: Type.Number({ description: 'The time that `queryMs` covers.' }),
  }),
  connections: orNull(
    Type.Object({
      total: Type.Integer(),
      active: Type.Integer(),
      idle: Type.Integer(),
      idleInTransaction: Type.Integer(),
      waiting: Type.Integer({ description: 'Active connections that wait for a lock.' }),
      hidden: Type.Integer({
        description: "Connections whose state the service's database role may not see.",
      }),
      max: Type.Integer(),
      longestTransactionSeconds: Type.Number(),
    }),
    'All connections to the database, also those of other programs.',
  ),
  cache: orNull(
    Type.Object({
      hitRatio: numberOrNull("Share of blocks found in PostgreSQL's own memory, 0 to 1."),
      commits: Type.Integer(),
      rollbacks: Type.Integer(),
      deadlocks: Type.Integer(),
      temporaryBytes: Type.Integer(),
      since: orNull(moment('Start of the counts.')),
    }),
    'Counters of the database.',
  ),
  tables: orNull(
    Type.Array(
      Type.Object({
        table: Type.String(),
        partitions: Type.Integer({ description: 'The figures are sums over them.' }),
        tableBytes: Type.Integer(),
        indexBytes: Type.Integer(),
        rows: Type.Integer({ description: 'An estimate of PostgreSQL.' }),
        deadRows: Type.Integer(),
      }),
    ),
    'The largest first.',
  ),
  totalBytes: numberOrNull(),
  replication: orNull(
    Type.Object({
      role: Type.Enum(['primary', 'replica'] as const),
      replayLagSeconds: numberOrNull(
        'For a replica: the age of the last replayed transaction; 0 if all are replayed.',
      ),
      replicas: Type.Array(
        Type.Object({
          name: Type.String(),
          state: textOrNull(),
          syncState: textOrNull(),
          lagBytes: numberOrNull(),
          lagSeconds: numberOrNull(),
        }),
        { description: "A figure that the service's database role may not see is null." },
      ),
    }),
    'The replicas of the database, or how far it is behind its primary.',
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
    'The ten slowest on average, from pg_stat_statements; null if the extension is not installed.',
  ),
  missing: MissingSchema,
});
