import { Type } from 'typebox';
import { monthlyDatasets } from '../../exports/periods/schedule.ts';
import { exportFormats, exportGranularities, exportGroupings } from '../../exports/request.ts';
import { channelNames } from '../../notifications/notice/notice.ts';
import { textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';
import { NewExportSchema } from './export-schema.ts';

export const MonthPattern = Type.String({
  pattern: '^\\d{4}-(0[1-9]|1[0-2])$',
  'x-expected': 'a month, such as 2026-10',
  description: 'A UTC month, such as 2026-10.',
});

export const MonthlyDatasetSchema = Type.Enum(monthlyDatasets, { description: 'What the rows are.' });

const { models, delivery } = NewExportSchema.properties;

const MOST_CHANNELS = 10;

const NotifySchema = Type.Array(
  Type.Object(
    {
      channel: Type.Enum(channelNames),
      to: Type.Optional(
        Type.String({
          maxLength: 300,
          description:
            'An address, a phone number, a user, or the name of a destination. Absent: the notification preferences decide.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  {
    maxItems: MOST_CHANNELS,
    description:
      'Who is told that a month is closed and its files are written, and that this failed twice in a row. Default: nobody.',
  },
);

/** What a PUT may say. What it leaves out is the default. */
export const ScheduleBody = Type.Object(
  {
    dataset: MonthlyDatasetSchema,
    granularity: Type.Optional(Type.Enum(exportGranularities, { description: 'Default daily.' })),
    formats: NewExportSchema.properties.formats,
    models,
    delivery,
    groupBy: Type.Optional(
      Type.Array(Type.Enum(exportGroupings), {
        minItems: 1,
        maxItems: exportGroupings.length,
        uniqueItems: true,
        description: 'What rows of usage are told apart by. Default: the model.',
      }),
    ),
    columns: Type.Optional(
      Type.Enum(['default', 'vantage'] as const, {
        description: 'vantage: those that Vantage accepts, for focus.',
      }),
    ),
    raw: NewExportSchema.properties.raw,
    notify: Type.Optional(NotifySchema),
    monthly: Type.Object(
      {
        closeAfter: Type.Optional(
          Type.String({
            maxLength: 20,
            description:
              'Time from the end of a month until it is closed, such as 72h. Default 72h, 30d at most.',
          }),
        ),
        from: Type.Optional(MonthPattern),
      },
      { additionalProperties: false, description: 'from: the first month to close. Default: this month.' },
    ),
  },
  { additionalProperties: false },
);

export const ScheduleSchema = Type.Object({
  scheduleId: Type.String(),
  orgId: Type.String(),
  name: Type.String(),
  dataset: MonthlyDatasetSchema,
  granularity: Type.Enum(exportGranularities),
  formats: Type.Array(Type.Enum(exportFormats)),
  models: Type.Array(Type.String()),
  groupBy: Type.Array(Type.Enum(exportGroupings)),
  monthly: Type.Object({ closeAfterSeconds: Type.Integer() }),
  notify: NotifySchema,
  nextPeriod: Type.String({ description: 'The month that is closed next.' }),
  dueAt: moment('When that month is due to be closed.'),
  failures: Type.Integer({ description: 'Failures in a row. 0 after a success.' }),
  failure: textOrNull('Why the last attempt failed.'),
  createdAt: moment('When it was made.'),
  createdBy: Type.String(),
  updatedAt: moment('When it was last changed.'),
  updatedBy: Type.String(),
});
