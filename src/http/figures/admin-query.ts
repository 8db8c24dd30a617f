import { type Static, Type } from 'typebox';
import type { AdminQuery } from '../../queries/reading/admin-query.ts';
import { comparisons } from '../../queries/reading/comparison.ts';
import {
  type Bucketing,
  fineGranularities,
  granularities,
  type TimeRange,
  weekStarts,
} from '../../queries/reading/time-buckets.ts';
import { bucketEnd, finestGrain } from '../../rollups/grains.ts';
import { DAY, HOUR } from '../../time.ts';
import {
  orgParameter,
  readMillis,
  readTimezone,
  refuseParameter,
  timezoneParameter,
} from '../fields/query-parameters.ts';
import { moment } from '../fields/texts.ts';

/** The ranges that have a name, in milliseconds. */
export const ranges = { '1h': HOUR, '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY } as const;
export const rangeNames = Object.keys(ranges) as (keyof typeof ranges)[];
export const DEFAULT_RANGE = '24h';

/** Query parameters of every question of the admin API. */
export const adminQuery = {
  range: Type.Optional(
    Type.Enum(rangeNames, {
      description: `This long up to now. Default ${DEFAULT_RANGE}. Or send \`start\` and \`end\`.`,
    }),
  ),
  start: Type.Optional(moment('Start of the range; needs `end`.')),
  end: Type.Optional(
    moment(
      'End of the range, which is not part of it; needs `start`. A range that reaches into the future ends now.',
    ),
  ),
  timezone: timezoneParameter,
  orgId: orgParameter(
    'Only this org; * means all orgs together. Default: all together for an admin, for others their only org.',
  ),
};

/** Query parameters of questions whose answer can be compared. */
export const compareQuery = {
  compare: Type.Optional(
    Type.Enum(comparisons, {
      description:
        'The time to compare with. `previous` is the same part of the day, week or months before, if the range begins at a ' +
        'midnight of the zone. Otherwise it is the time of the same length before. `week` is the same weekdays of the weeks ' +
        'before. `year` is the same dates one year before.',
    }),
  ),
};

const granularityNames = [...fineGranularities, ...granularities, 'month', 'none'] as const;

/** The parameter for the width of buckets. */
export function granularityParameter(description: string) {
  return Type.Optional(
    Type.Enum(granularityNames, { description: `${description} none: the whole range is one bucket.` }),
  );
}

export function readGranularity(name: (typeof granularityNames)[number]): Bucketing {
  return name === 'none' ? 'whole' : name;
}

/** The parameter for the first day of weeks. */
export const weekStartParameter = Type.Optional(
  Type.Enum(weekStarts, { description: 'The day on which weeks begin. Default sunday.' }),
);

/** Query parameters of questions whose answer is a series. */
export const granularityQuery = {
  weekStart: weekStartParameter,
  granularity: granularityParameter(
    'Width of a bucket. Default: the width that is still kept and cuts the range into some tens of buckets.',
  ),
};

const AdminQuerystring = Type.Object({ ...adminQuery, ...compareQuery, ...granularityQuery });

/**
 * Reads a question from a query that has been validated.
 * @param orgId the org that the request is about: `orgOf(request)`
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
    granularity: query.granularity && readGranularity(query.granularity),
    weekStart: query.weekStart,
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
  if (range !== undefined)
    throw refuseParameter('range', 'cannot be given beside start and end; leave one or the other out');
  if (start === undefined) throw refuseParameter('start', 'is needed beside end');
  if (end === undefined) throw refuseParameter('end', 'is needed beside start');
  const asked = { start: readMillis('start', start), end: readMillis('end', end) };
  if (asked.start < asked.end) return withoutFuture(asked, now);
  throw refuseParameter('start', `must be before the end, ${new Date(asked.end).toISOString()}`);
}

/** Time that is still to come has no numbers. Compared with a time that has them, it would show as a fall. */
export function withoutFuture({ start, end }: TimeRange, now: number): TimeRange {
  const until = bucketEnd(finestGrain, now);
  return start < until && until < end ? { start, end: until } : { start, end };
}
