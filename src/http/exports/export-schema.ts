import { Type } from 'typebox';
import { labelKeyPattern } from '../../events/labels.ts';
import { jobStatuses } from '../../exports/jobs/job.ts';
import {
  columnSets,
  datasetNames,
  type ExportGrouping,
  exportFormats,
  exportGranularities,
  exportGroupings,
  MOST_EVENTS,
  USUAL_EVENTS,
} from '../../exports/request.ts';
import { MOST_DECLARED } from '../../series/label-dimensions.ts';
import { listFilters } from '../events/stored-schema.ts';
import { labelPattern } from '../fields/label-parameters.ts';
import { orNull, textOrNull } from '../fields/nullable.ts';
import { moment, shortText } from '../fields/texts.ts';

const timeRange = Type.Object(
  {
    start: moment('Its first moment.'),
    end: moment('The first moment after it.'),
  },
  { additionalProperties: false },
);

export const NewExportSchema = Type.Object(
  {
    timeRange,
    granularity: Type.Optional(
      Type.Enum(exportGranularities, { description: 'Width of the buckets. Default daily.' }),
    ),
    labels: Type.Optional(
      Type.Record(
        Type.String({ pattern: `^${labelKeyPattern}$` }),
        shortText(2_000, 'A value, or several, separated by commas.'),
        {
          maxProperties: MOST_DECLARED,
          description:
            'Only what has these values of labels, by key, such as {"team": "search"}; for usage, focus, events, ml and sales.',
        },
      ),
    ),
    models: Type.Optional(
      Type.Array(shortText(200, 'The id of a model.'), {
        maxItems: 100,
        description: 'Only these models. Default: all.',
      }),
    ),
    delivery: Type.Optional(
      Type.Object(
        {
          type: Type.Enum(['local', 's3'] as const, { description: 'Where the files go. Default local.' }),
          bucket: Type.Optional(
            Type.String({ maxLength: 63, description: 'One of S3_BUCKET. Default: the first of them.' }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    dataset: Type.Optional(Type.Enum(datasetNames, { description: 'What the rows are. Default usage.' })),
    formats: Type.Optional(
      Type.Array(Type.Enum(exportFormats), {
        minItems: 1,
        maxItems: exportFormats.length,
        uniqueItems: true,
        description: 'A file is written in each format. Default csv.',
      }),
    ),
    timezone: Type.Optional(
      Type.String({ maxLength: 60, description: 'IANA time zone of days and months. Default UTC.' }),
    ),
    groupBy: Type.Optional(
      Type.Array(
        Type.Unsafe<ExportGrouping>({
          type: 'string',
          pattern: `^(${[...exportGroupings, labelPattern].join('|')})$`,
          'x-expected': `one of ${exportGroupings.join(', ')} and label.KEY, such as label.team`,
          maxLength: 100,
        }),
        {
          minItems: 1,
          maxItems: MOST_DECLARED,
          uniqueItems: true,
          description:
            'What rows of usage are told apart by, besides the model; of sales, one label. Default: the model alone.',
        },
      ),
    ),
    columns: Type.Optional(
      Type.Enum(columnSets, {
        description:
          's2: the columns of the finance export of S2, for usage. vantage: those that Vantage accepts, for focus. Default: all.',
      }),
    ),
    events: Type.Optional(
      Type.Object(
        {
          ...{ type: listFilters.type, status: listFilters.status, errorCode: listFilters.errorCode },
          ...{ clientId: listFilters.clientId, correlationId: listFilters.correlationId },
          limit: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: MOST_EVENTS,
              description: `The most rows. Default ${USUAL_EVENTS}.`,
            }),
          ),
        },
        { additionalProperties: false, description: 'Which raw events; for the dataset events alone.' },
      ),
    ),
    bom: Type.Optional(
      Type.Boolean({ description: 'Whether CSV begins with a byte order mark, for Excel. Default false.' }),
    ),
    raw: Type.Optional(
      Type.Boolean({ description: 'true: texts that look like formulas get no apostrophe. Default false.' }),
    ),
  },
  { additionalProperties: false },
);

const numbers = Type.Record(Type.String(), Type.String());

const Reconciliation = Type.Object({
  reconciles: Type.Boolean(),
  file: numbers,
  rollups: numbers,
  raw: orNull(numbers),
  bookedDays: Type.Array(Type.String()),
});

export const ExportJobSchema = Type.Object({
  jobId: Type.String(),
  orgId: Type.String(),
  status: Type.Enum(jobStatuses),
  dataset: Type.Enum(datasetNames),
  granularity: Type.Enum(exportGranularities),
  timeRange: Type.Object({ start: moment('Its first moment.'), end: moment('The first moment after it.') }),
  createdAt: moment('When it was asked for.'),
  completedAt: Type.Optional(moment('When it ended.')),
  expiresAt: Type.Optional(moment('When its files are removed.')),
  outputUri: Type.Optional(Type.String({ description: 'The folder of its files.' })),
  checksum: Type.Optional(Type.String({ description: 'SHA-256 of the first file, in hex.' })),
  rowCount: Type.Optional(Type.Integer()),
  rowsMatched: Type.Optional(Type.Integer({ description: 'More than rowCount if the file is truncated.' })),
  truncated: Type.Boolean(),
  initiatedBy: Type.String(),
  scheduleId: textOrNull('The schedule that asked for it.'),
  error: Type.Optional(Type.String({ description: 'Why the last attempt failed.' })),
  errorCode: Type.Optional(Type.String({ description: 'The same as a code.' })),
  attempt: Type.Integer({ description: 'How often a worker has begun it.' }),
  progress: Type.Object({ rows: Type.Integer(), bytes: Type.Integer() }),
  files: Type.Array(
    Type.Object({
      name: Type.String(),
      format: Type.String(),
      bytes: Type.Integer(),
      sha256: Type.String(),
      rows: Type.Integer(),
    }),
  ),
  reconciliation: orNull(Reconciliation),
  warnings: Type.Array(Type.String()),
});
