import { type TProperties, Type } from 'typebox';
import { usage } from '../../events/types/usage.ts';
import { groupings, MOST_GROUPINGS } from '../../queries/models/dimensions.ts';
import { reliabilitySizes } from '../../queries/models/reliability.ts';
import { usageSizes } from '../../queries/models/usage.ts';
import { MAX_POINTS } from '../../queries/reading/read-plan.ts';
import type { Bucketing } from '../../queries/reading/time-buckets.ts';
import { labelPattern, withLabelFilters } from '../fields/label-parameters.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { nextCursor } from '../fields/page-cursor.ts';
import { timezoneParameter } from '../fields/query-parameters.ts';
import { asOfEveryEvent, moment, shortText } from '../fields/texts.ts';
import { comparisonFrame, GranularityShown, partialField } from './admin-answer.ts';
import { compareQuery, granularityParameter, weekStartParameter } from './admin-query.ts';
import { FreshnessSchema, freshnessStatus } from './freshness-schema.ts';
import { groupedLabels, restField, restGroups } from './grouped-fields.ts';

const DEFAULT_RANGE_DAYS = 30;
/**
 * Fine buckets of a month would be too many points, and are not kept that long. Twelve months are whole months, since a
 * range begins at the boundary before.
 */
const RANGE_DAYS: Partial<Record<Bucketing, number>> = { minute: 1, quarter_hour: 7, month: 365 };

/** Days of a range without a start. */
export function defaultRangeDays(bucketing: Bucketing): number {
  return RANGE_DAYS[bucketing] ?? DEFAULT_RANGE_DAYS;
}

export const OrgParams = Type.Object({ orgId: Type.String({ minLength: 1, maxLength: 200 }) });

const statuses = ['success', ...usage.failures];
const STATUS = statuses.join('|');
const GROUPING = [...groupings, labelPattern].join('|');

const rangeQuery = {
  start: Type.Optional(
    moment(
      `Start of the range. Default: ${DEFAULT_RANGE_DAYS} days before the end; 12 months of month, 7 days of quarter_hour, 1 day of minute.`,
    ),
  ),
  end: Type.Optional(
    moment('End of the range, which is not part of it. Default: the end of the current bucket.'),
  ),
  granularity: granularityParameter('Width of a bucket. Default day.'),
  weekStart: weekStartParameter,
  timezone: timezoneParameter,
  modelId: Type.Optional(shortText(2_000, 'Only this model, or these, separated by commas.')),
  clientId: Type.Optional(shortText(2_000, 'Only this client, or these, separated by commas.')),
  provider: Type.Optional(shortText(2_000, 'Only this provider, or these, separated by commas.')),
  serviceTier: Type.Optional(shortText(2_000, 'Only this service tier, or these, separated by commas.')),
  status: Type.Optional(
    Type.String({
      pattern: `^(${STATUS})(,(${STATUS}))*$`,
      'x-expected': `some of ${statuses.join(', ')}, separated by commas`,
      maxLength: 100,
      description: 'Only calls that ended like this, or like these, separated by commas.',
    }),
  ),
  errorCode: Type.Optional(
    shortText(2_000, 'Only calls with this error code, or these, separated by commas.'),
  ),
  groupBy: Type.Optional(
    Type.String({
      pattern: `^(${GROUPING})(,(${GROUPING})){0,${MOST_GROUPINGS - 1}}$`,
      'x-expected': `1 to ${MOST_GROUPINGS} of ${groupings.join(', ')} and label.KEY, separated by commas, such as model,label.team`,
      maxLength: 250,
      description:
        'One point per bucket for each model, client, provider, service tier, status, error code or value of a label. With ' +
        'several, separated by commas, for each combination of them.',
    }),
  ),
  top: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_POINTS,
      description:
        'With groupBy: only this many groups, the largest by `topBy`. The others are added up in points with `rest`. ' +
        'Default: as many as an answer may have points for.',
    }),
  ),
  ...compareQuery,
};

function topByParameter<T extends string>(sizes: readonly T[]) {
  return Type.Optional(
    Type.Enum([...sizes], {
      description: 'With groupBy: what makes a group large, over the whole range. Default invocations.',
    }),
  );
}

export const UsageQuery = withLabelFilters({ ...rangeQuery, topBy: topByParameter(usageSizes) });

export const ReliabilityQuery = withLabelFilters({
  ...rangeQuery,
  topBy: topByParameter(reliabilitySizes),
  percentile: Type.Optional(
    Type.String({
      pattern: '^p\\d{1,2}(\\.\\d{1,3})?(,p\\d{1,2}(\\.\\d{1,3})?){0,9}$',
      'x-expected': 'one to ten percentiles from p0 to p99.999, separated by commas, such as p50,p99.9',
      maxLength: 100,
      description: 'Percentiles of the latency, separated by commas. Default p50,p95,p99.',
    }),
  ),
});

function seriesAnswer<T extends TProperties>(numbers: T) {
  return Type.Object({
    orgId: Type.String(),
    granularity: GranularityShown,
    timezone: Type.String(),
    note: Type.Optional(
      Type.String({
        description:
          'Why the answer is in UTC: of the zone of the query no such buckets are kept for that time.',
      }),
    ),
    start: moment(
      'Start of the time that the numbers cover: the range of the query, widened at both ends to the finest rollups kept there.',
    ),
    end: moment('End of the time that the numbers cover.'),
    series: Type.Array(
      Type.Object({
        bucketStart: moment('Start of the bucket.'),
        ...partialField,
        modelId: Type.Optional(textOrNull('With groupBy=model, or both.')),
        clientId: Type.Optional(textOrNull('With groupBy=client, or both.')),
        provider: Type.Optional(textOrNull('With groupBy=provider.')),
        serviceTier: Type.Optional(textOrNull('With groupBy=serviceTier.')),
        status: Type.Optional(textOrNull('With groupBy=status.')),
        errorCode: Type.Optional(textOrNull('With groupBy=errorCode; null for calls without one.')),
        labels: groupedLabels,
        rest: restField,
        ...numbers,
        previous: Type.Optional(
          orNull(
            Type.Object({ bucketStart: moment('Start of the bucket compared with.'), ...numbers }),
            'With compare: the numbers of the bucket compared with; null if it has no counterpart.',
          ),
        ),
      }),
    ),
    restGroups,
    totals: Type.Object({
      ...numbers,
      previous: Type.Optional(
        orNull(
          Type.Object(numbers),
          'With compare: the numbers of the whole range compared with; null without a comparison.',
        ),
      ),
    }),
    ...comparisonFrame,
    freshness: FreshnessSchema,
  });
}

export const UsageSchema = seriesAnswer({
  invocations: Type.Integer(),
  inputTokens: Type.Integer(),
  outputTokens: Type.Integer(),
  cachedInputTokens: Type.Integer({ description: 'Of the input tokens, those that a cache gave.' }),
  cacheWriteInputTokens: Type.Integer({ description: 'Of the input tokens, those that a cache took.' }),
  reasoningTokens: Type.Integer({ description: 'Of the output tokens, those of the reasoning.' }),
  costEstimateCents: Type.Number({ description: 'Cents of the calls whose cost is known.' }),
  costUsd: Type.String({ description: 'The same in dollars, exact to the nano-dollar, such as 0.0065.' }),
  unpricedInvocations: Type.Integer({ description: 'Calls whose cost is not known. They are in no cost.' }),
  withoutUsage: Type.Integer({ description: 'Calls whose tokens are not known.' }),
  timeToFirstTokenMs: numberOrNull('Milliseconds, the mean of the calls that tell it; null without any.'),
});

export const ReliabilitySchema = seriesAnswer({
  invocations: Type.Integer(),
  errorRate: Type.Number({ minimum: 0, maximum: 1 }),
  errors: Type.Record(Type.String(), Type.Integer(), { description: 'Failed invocations by status.' }),
  latencyMs: Type.Record(Type.String(), numberOrNull(), {
    description: 'Milliseconds, within 1 % of the exact percentile; null without invocations.',
  }),
});

export const OrgFreshnessSchema = Type.Object({
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
    { description: 'The models of the page, ordered by their ids.' },
  ),
  next: nextCursor,
});
