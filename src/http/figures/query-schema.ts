import { type TProperties, Type } from 'typebox';
import { groupings } from '../../queries/models/grouped-series.ts';
import { MAX_POINTS } from '../../queries/reading/read-plan.ts';
import type { Bucketing } from '../../queries/reading/time-buckets.ts';
import { labelPattern, withLabelFilters } from '../fields/label-parameters.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { nextCursor } from '../fields/page-cursor.ts';
import { timezoneParameter } from '../fields/query-parameters.ts';
import { asOfEveryEvent, moment, shortText } from '../fields/texts.ts';
import { GranularityShown, partialField } from './admin-answer.ts';
import { granularityParameter, weekStartParameter } from './admin-query.ts';
import { FreshnessSchema, freshnessStatus } from './freshness-schema.ts';
import { groupedLabels, restField, restGroups } from './grouped-fields.ts';

const DEFAULT_RANGE_DAYS = 30;
/** Fine buckets of a month would be too many points, and are not kept that long. */
const FINE_RANGE_DAYS: Partial<Record<Bucketing, number>> = { minute: 1, quarter_hour: 7 };

/** Days of a range without a start. */
export function defaultRangeDays(bucketing: Bucketing): number {
  return FINE_RANGE_DAYS[bucketing] ?? DEFAULT_RANGE_DAYS;
}

export const OrgParams = Type.Object({ orgId: Type.String({ minLength: 1, maxLength: 200 }) });

const GROUPING = [...groupings, labelPattern].join('|');

const rangeQuery = {
  start: Type.Optional(
    moment(
      `Start of the range. Default: ${DEFAULT_RANGE_DAYS} days before the end; 7 days of quarter_hour, 1 day of minute.`,
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
  groupBy: Type.Optional(
    Type.String({
      pattern: `^(${GROUPING})(,(${GROUPING}))?$`,
      'x-expected': `one or two of ${groupings.join(', ')} and label.KEY, separated by a comma, such as model,label.team`,
      maxLength: 200,
      description:
        'One point per bucket for each model, client, provider, service tier or value of a label, or for each pair of two.',
    }),
  ),
  top: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_POINTS,
      description:
        'With groupBy: only this many groups, those with the most invocations. The others are added up in points with ' +
        '`rest`. Default: as many as an answer may have points for.',
    }),
  ),
};
export const RangeQuery = withLabelFilters(rangeQuery);

export const ReliabilityQuery = withLabelFilters({
  ...rangeQuery,
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
        labels: groupedLabels,
        rest: restField,
        ...numbers,
      }),
    ),
    restGroups,
    totals: Type.Object(numbers),
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
