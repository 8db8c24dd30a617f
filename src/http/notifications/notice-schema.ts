import { Type } from 'typebox';
import { noticeKinds, severities } from '../../notifications/notice/notice.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/query-parameters.ts';

/** The number of a notice to somebody. */
export const noticeId = Type.String({
  pattern: '^[0-9]{1,18}$',
  'x-expected': 'a number of at most 18 digits',
});

/** What is told of an alert. */
export const NoticeSchema = Type.Object({
  kind: Type.Enum(noticeKinds),
  alertId: Type.String(),
  configId: Type.String(),
  orgId: textOrNull('Whom it is about; null: all orgs together.'),
  severity: Type.Enum(severities),
  reason: Type.String({
    description:
      'What the value says, such as above_threshold or no_data; or what ended the alert in its place: by_person, ' +
      'rule_changed, rule_disabled, rule_deleted.',
  }),
  actorId: textOrNull('Who ended it; null where its value did.'),
  note: textOrNull('What they said of it.'),
  name: Type.String({ description: 'Of the rule.' }),
  metric: Type.String(),
  unit: Type.String(),
  type: Type.String(),
  threshold: Type.Number(),
  recoveryThreshold: numberOrNull('What the value must come back to; null: the threshold.'),
  group: Type.Record(Type.String(), Type.String()),
  value: numberOrNull('What was last wrong, where no more can be said; null when it is about missing data.'),
  measuredAt: moment('When the value was measured.'),
  baseline: numberOrNull('What the value was compared with, where the rule has such.'),
  windowSeconds: Type.Number({
    description: 'What the value is taken over; 0: it is a number of the moment.',
  }),
  sampleCount: numberOrNull('How many events the value is made of.'),
  startedAt: moment('When the alert began.'),
  at: moment('When this was decided.'),
});
