import { Type } from 'typebox';
import { costSources } from '../../events/pricing.ts';
import type { MlGrouping } from '../../queries/ml/ml.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';
import {
  adminFrame,
  comparedNumber,
  comparisonFrame,
  GranularityShown,
  partialField,
} from './admin-answer.ts';

const percentile = 'Milliseconds, within 1 % of the exact percentile; null without jobs.';

const descriptions = {
  jobs: 'Jobs that ended, with any result.',
  succeeded: 'Jobs that succeeded.',
  failed: 'Jobs that ended in error, timeout or throttled.',
  cancelled: 'Jobs that were cancelled. They do not count as failed.',
  successRate: 'Share of the jobs that were not cancelled, 0 to 1; null without such jobs.',
  durationAvgMs: 'Milliseconds; null without jobs.',
  durationP50Ms: percentile,
  durationP95Ms: percentile,
  durationP99Ms: percentile,
  costCents: 'Cost of the jobs whose cost is known; null if there are jobs and no cost is known.',
  costPerSuccessCents: 'Cost divided by the jobs that succeeded, over the jobs whose cost is known.',
  unpricedJobs: 'Jobs whose cost is unknown: they do not report it, and the price table has no price.',
} as const;
type Figure = keyof typeof descriptions;

function eachFigure<T>(schemaOf: (description: string) => T): Record<Figure, T> {
  return Object.fromEntries(
    Object.entries(descriptions).map(([name, description]) => [name, schemaOf(description)]),
  ) as Record<Figure, T>;
}

const comparedFigures = eachFigure(comparedNumber);
const plainFigures = eachFigure(numberOrNull);

const CostOfSource = Type.Object({
  jobs: Type.Integer(),
  costCents: numberOrNull('null: the cost is unknown.'),
});

export const MlSchema = Type.Object({
  ...adminFrame,
  ...comparisonFrame,
  granularity: GranularityShown,
  groupBy: Type.Unsafe<MlGrouping>({
    type: 'string',
    description: 'pipeline, provider, operation, or a label such as label.team.',
  }),
  totals: Type.Object(comparedFigures),
  costsBySource: Type.Record(Type.Enum(costSources), CostOfSource, {
    description: 'given: reported by the jobs. table: from the price table. none: unknown.',
  }),
  errors: Type.Array(
    Type.Object({
      code: textOrNull("The provider's error code; null if the job reports none."),
      status: Type.String(),
      jobs: Type.Integer(),
    }),
    { description: 'The most frequent first, at most 50.' },
  ),
  unknownFilters: Type.Array(Type.String(), {
    description:
      'Values of filters that no stored job has, such as provider=tripoo. Empty when all are known.',
  }),
  otherErrors: Type.Integer({ description: 'Failed jobs whose error is not among those shown.' }),
  groups: Type.Array(
    Type.Object({
      name: textOrNull(
        'Name of the pipeline, provider or operation, or value of the label; null for jobs without one.',
      ),
      rest: Type.Optional(
        Type.Literal(true, {
          description: 'The group adds up all values of the label beyond the 99 with the most jobs.',
        }),
      ),
      ...comparedFigures,
      costShare: numberOrNull('Share of all known costs, 0 to 1; null without known costs.'),
    }),
    {
      description:
        'The group with the most jobs first. A group with jobs only in the time compared with is included.',
    },
  ),
  series: Type.Array(
    Type.Object({ bucketStart: moment('Start of the bucket.'), ...partialField, ...plainFigures }),
  ),
});
