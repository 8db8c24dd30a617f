import { Type } from 'typebox';
import { noticeKinds, severities } from '../../notifications/notice/notice.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { orgParameter } from '../fields/query-parameters.ts';
import { groupOfValues, moment } from '../fields/texts.ts';

/** The number of a notice to one recipient. */
export const noticeId = Type.String({
  pattern: '^[0-9]{1,18}$',
  'x-expected': 'a number of at most 18 digits',
});

/** Whose notices are wanted. */
export const orgWanted = orgParameter('Only this org. Without it: every org that you may see.');

function edited(description: string) {
  return Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()], { description });
}

/** What a notice says about an alert. */
export const NoticeSchema = Type.Object({
  kind: Type.Enum(noticeKinds),
  alertId: Type.String(),
  configId: Type.String(),
  orgId: textOrNull('The org of the rule; null means all orgs together.'),
  severity: Type.Enum(severities),
  reason: Type.String({
    description:
      'What the evaluation found, such as above_threshold or no_data. If something else ended the alert: by_person, ' +
      'rule_changed, rule_disabled or rule_deleted.',
  }),
  actorId: textOrNull('The actor who ended the alert; null if its value did.'),
  note: textOrNull('The note of that actor.'),
  name: Type.String({ description: 'Name of the rule.' }),
  metric: Type.String(),
  unit: Type.String(),
  type: Type.String(),
  threshold: Type.Number(),
  recoveryThreshold: numberOrNull('The value at which the alert resolves; null means the threshold.'),
  group: groupOfValues,
  value: numberOrNull(
    'The measured value. If there is no new one, the last value that broke the rule. null for missing data.',
  ),
  measuredAt: moment('When the value was measured.'),
  baseline: numberOrNull('The value that was compared with, if the rule compares.'),
  windowSeconds: Type.Number({
    description: 'Length of the window that the value covers; 0 means a reading of one moment.',
  }),
  sampleCount: numberOrNull('Events in the value.'),
  description: Type.Optional(Type.String({ description: 'What the owner of the rule says about it.' })),
  runbookUrl: Type.Optional(Type.String({ description: 'The page that says what to do.' })),
  filters: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'Values of dimensions that the rule filters by. Its labels are in `group`.',
    }),
  ),
  expression: Type.Optional(Type.String({ description: 'The PromQL of the rule.' })),
  flapping: Type.Optional(
    Type.Object(
      { times: Type.Integer(), since: moment('The first firing of the series.') },
      { description: 'How often the alert fired in a row, if it is flapping or has settled.' },
    ),
  ),
  newNormalSince: Type.Optional(
    moment('Since when the value has been what is usual now, if that ended the alert.'),
  ),
  step: Type.Optional(
    Type.Object(
      {
        number: Type.Integer({ description: 'Counted from 1.' }),
        of: Type.Integer(),
        unacknowledgedSince: moment('Since when nobody has acknowledged the alert.'),
      },
      { description: 'For escalation_step: the step of the escalation.' },
    ),
  ),
  evaluation: Type.Optional(
    Type.Object(
      {
        failure: Type.String({ description: 'Why the rule could not be evaluated.' }),
        failures: Type.Integer({ description: 'Failures in a row.' }),
        since: moment('The first of them.'),
      },
      { description: 'For rule_failing and rule_evaluated, which are about a rule and no alert.' },
    ),
  ),
  edit: Type.Optional(
    Type.Object(
      {
        field: Type.String({ description: 'The name of the field, such as threshold.' }),
        from: edited('The value before; null: there was none.'),
        to: edited('The value after.'),
      },
      { description: 'The change of the rule that ended the alert, made by `actorId`.' },
    ),
  ),
  startedAt: moment('When the alert began.'),
  at: moment('When the evaluation decided to send this.'),
  month: Type.Optional(
    Type.Object(
      {
        schedule: Type.String(),
        dataset: Type.String(),
        period: Type.String({ description: 'The month, such as 2026-10.' }),
        revision: numberOrNull(),
        rows: numberOrNull('Rows of its file.'),
        corrections: numberOrNull('Rows that correct earlier months.'),
        jobId: textOrNull('The export with its files.'),
        failures: Type.Integer({ description: 'Failures in a row.' }),
        failure: textOrNull('Why the last attempt failed.'),
      },
      { description: 'For month_closed and month_failed, which are about an export schedule and no alert.' },
    ),
  ),
});
