import { type Static, Type } from 'typebox';
import type { AdminQuery } from '../../queries/reading/admin-query.ts';
import { comparisons } from '../../queries/reading/comparison.ts';
import { fineGranularities, granularities, type TimeRange } from '../../queries/reading/time-buckets.ts';
import { bucketEnd, finestGrain } from '../../rollups/grains.ts';
import { DAY, HOUR } from '../../time.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import {
  moment,
  readMillis,
  readTimezone,
  refuseParameter,
  timezoneParameter,
} from '../fields/query-parameters.ts';
import { FreshnessSchema } from './freshness-schema.ts';

/** The ranges that have a name, in milliseconds. */
export const ranges = { '1h': HOUR, '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY } as const;
export const rangeNames = Object.keys(ranges) as (keyof typeof ranges)[];
const DEFAULT_RANGE = '24h';

/** Query parameters of every question of the admin API. */
export const adminQuery = {
  range: Type.Optional(
    Type.Enum(rangeNames, {
      description: `The time up to now; default ${DEFAULT_RANGE}. Or give start and end.`,
    }),
  ),
  start: Type.Optional(moment('From when; needs end.')),
  end: Type.Optional(moment('Up to, and without, when; needs start.')),
  timezone: timezoneParameter,
  orgId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Only this org; * is all together. Default: all together for an admin, else the only org of the caller.',
    }),
  ),
};

/** Of questions whose answer can be compared. */
export const compareQuery = {
  compare: Type.Optional(
    Type.Enum(comparisons, {
      description:
        'Beside the numbers of as long a time before (previous), or of the same dates a year before.',
    }),
  ),
};

/** Of questions whose answer is a series. */
export const granularityQuery = {
  granularity: Type.Optional(
    Type.Enum([...fineGranularities, ...granularities], {
      description:
        'Width of a bucket; by default what gives the range some tens of points and is still kept.',
    }),
  ),
};

/** How an answer that is a series is cut. */
export const GranularityShown = Type.Enum([...fineGranularities, ...granularities, 'whole'], {
  description:
    'Width of a bucket; whole: the range is one, as not even the weeks of this time zone are kept any more.',
});

const AdminQuerystring = Type.Object({ ...adminQuery, ...compareQuery, ...granularityQuery });

const span = {
  start: moment('Start of what the numbers cover.'),
  end: moment('End of what the numbers cover.'),
};

/** Properties of every answer of the admin API. */
export const adminFrame = {
  orgId: textOrNull('null: all orgs together.'),
  ...span,
  timezone: Type.String(),
  asOf: moment('Every event acknowledged before this moment is in the numbers.'),
  freshness: FreshnessSchema,
};

/** Properties of an answer that can be compared. */
export const comparisonFrame = {
  comparison: Type.Optional(
    Type.Object(
      { with: Type.Enum(comparisons), ...span },
      {
        description:
          'What they are compared with: as long a time, but for what its rollups are too coarse for.',
      },
    ),
  ),
  notCompared: Type.Optional(
    Type.String({ description: 'Why they are compared with nothing, though it was asked for.' }),
  ),
};

/** A number beside that of the time compared with. */
export const ComparedNumber = Type.Object({
  value: numberOrNull('The number; null where there is none, such as a rate of nothing.'),
  previous: numberOrNull('That of the time compared with; null without a comparison.'),
  changePercent: numberOrNull('Change in percent; null where there was nothing to compare with.'),
});

/**
 * Reads a question from a query that has been validated.
 * @param orgId whose figures are meant: `orgOf(request)`
 * @throws {CodedError} `invalid_request`, naming the parameter
 */
export function readAdminQuestion(
  query: Static<typeof AdminQuerystring>,
  orgId: string,
  now: number,
): AdminQuery {
  return {
    orgId,
    range: readRange(query, now),
    granularity: query.granularity,
    timezone: readTimezone(query.timezone),
    compare: query.compare,
    now,
  };
}

function readRange({ range, start, end }: Static<typeof AdminQuerystring>, now: number): TimeRange {
  if (start === undefined && end === undefined) {
    const until = bucketEnd(finestGrain, now);
    return { start: until - ranges[range ?? DEFAULT_RANGE], end: until };
  }
  if (range !== undefined) throw refuseParameter('range', 'cannot be given beside start and end');
  if (start === undefined) throw refuseParameter('start', 'is needed beside end');
  if (end === undefined) throw refuseParameter('end', 'is needed beside start');
  const asked = { start: readMillis('start', start), end: readMillis('end', end) };
  if (asked.start < asked.end) return asked;
  throw refuseParameter('start', `must be before the end, ${new Date(asked.end).toISOString()}`);
}
