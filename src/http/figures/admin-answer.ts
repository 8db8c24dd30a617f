import { Type } from 'typebox';
import { comparisons } from '../../queries/reading/comparison.ts';
import { shownBucketings } from '../../queries/reading/time-buckets.ts';
import { numberOrNull } from '../fields/nullable.ts';
import { asOfEveryEvent, moment, orgOrAll } from '../fields/texts.ts';
import { FreshnessSchema } from './freshness-schema.ts';

const span = {
  start: moment('Start of the time that the numbers cover.'),
  end: moment('End of the time that the numbers cover.'),
};

/** Properties of every answer of the admin API. */
export const adminFrame = {
  orgId: orgOrAll,
  ...span,
  timezone: Type.String(),
  note: Type.Optional(
    Type.String({
      description:
        'Why the answer is in UTC: of the zone of the query no such buckets are kept for that time.',
    }),
  ),
  asOf: asOfEveryEvent,
  freshness: FreshnessSchema,
};

/** Properties of an answer that can be compared. */
export const comparisonFrame = {
  comparison: Type.Optional(
    Type.Object(
      {
        with: Type.Enum(comparisons),
        ...span,
        note: Type.Optional(
          Type.String({ description: 'Both lengths, if they differ, as those of two months do.' }),
        ),
      },
      { description: 'The time compared with.' },
    ),
  ),
  notCompared: Type.Optional(
    Type.String({ description: 'Why there is no comparison, although the query asked for one.' }),
  ),
};

/** Width of the buckets of an answer. */
export const GranularityShown = Type.Enum(shownBucketings, {
  description:
    'Width of a bucket. whole: the range is one bucket, because the query wants none or not even weeks of this time zone ' +
    'are kept for it.',
});

/** The mark of a bucket that is not complete. */
export const partialField = {
  partial: Type.Optional(
    Type.Literal(true, {
      description: 'The range covers the bucket only in part, or the bucket has not ended.',
    }),
  ),
};

/** A number beside the number of the time compared with. */
export const ComparedNumber = Type.Object({
  value: numberOrNull('The number; null if there is none, such as a rate without events.'),
  previous: numberOrNull('The number of the time compared with; null without a comparison.'),
  changePercent: numberOrNull('Change in percent; null if there is nothing to compare with.'),
});

/** The same with a description of its own. */
export function comparedNumber(description: string) {
  return { ...ComparedNumber, description };
}
