import { Type } from 'typebox';
import { directions, MAX_STEPS, noDataMeanings, ruleTypes } from '../../alerts/rules/rule.ts';
import { channelNames, severities } from '../../notifications/notice/notice.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { orgParameter } from '../fields/query-parameters.ts';
import { moment, orgOrAll } from '../fields/texts.ts';

/** The org of a query about alerts or rules. */
export const orgOfQuery = orgParameter('Only this org. Without it: every org that you may see.');

export const severity = Type.Enum(severities);
export const ruleType = Type.Enum(ruleTypes);

function seconds(description: string) {
  return Type.Integer({ description });
}

function secondsOrNull(description: string) {
  return orNull(seconds(description));
}

/** The fields of a rule. `alerts/rules` checks their ranges and combinations, and words those faults. */
const ruleProperties = {
  name: Type.String({ description: 'One line of at most 120 characters, unique in the org.' }),
  description: Type.String({ description: 'For the recipients: what the alert means and what to do.' }),
  runbookUrl: textOrNull('The page that says what to do: an http or https address. Messages link to it.'),
  metric: Type.String({
    description: 'The metric to watch, such as usage.error_rate. /alerts/metrics lists all.',
  }),
  expression: textOrNull(
    'PromQL, for the metric prometheus. For admins only, because Prometheus does not separate orgs.',
  ),
  filters: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
    description:
      'Only events whose dimension or label has this value: {"modelId": "gpt-4o", "label.team": "search"}.',
  }),
  groupBy: Type.Array(Type.String(), {
    description:
      'One alert for each combination of these dimensions and labels, such as label.team. A rule over all orgs can also group by org.',
  }),
  type: Type.String({ enum: [...ruleTypes], description: 'How the value is judged.' }),
  threshold: Type.Number({
    description:
      'In the unit of the metric. For rate_of_change a percentage, negative for a fall. For anomaly a number of robust ' +
      'standard deviations, by default 3.5.',
  }),
  recoveryThreshold: numberOrNull('The value at which the alert resolves; null means the threshold.'),
  direction: Type.String({ enum: [...directions], description: 'For anomaly: which side is unusual.' }),
  floor: numberOrNull('For rate_of_change: the smallest number that a change is divided by.'),
  minimumChange: Type.Number({
    description: 'The smallest difference that counts, in the unit of the metric.',
  }),
  timezone: textOrNull(
    'For anomaly: the IANA time zone whose clocks say which hour of the week it is, so that a change of the clocks is not unusual. Null: that of the org, or UTC.',
  ),
  windowSeconds: seconds(
    'Length of the window that the value covers: a multiple of 60, or of 900 for anomaly. Default 300, or 900.',
  ),
  forSeconds: seconds('How long the value must break the rule before the alert fires. Default 0.'),
  recoverySeconds: seconds('How long the value must be right before the alert resolves. Default forSeconds.'),
  intervalSeconds: seconds('Time between two evaluations, at least 5. Default 60.'),
  onData: Type.Boolean({ description: 'Also evaluate as soon as new data of the org has been rolled up.' }),
  minimumSamples: Type.Integer({ description: 'A value of fewer events is ignored.' }),
  cooldownSeconds: secondsOrNull(
    'The third firing with less than this between is flapping. One notice says so. The alert then stays open until its value ' +
      'has been right for so long, at most an hour. 0: never. Default 300 if critical, else 3600.',
  ),
  repeatSeconds: secondsOrNull(
    'The time after which an alert that still fires is told again. 0: never. Default: cooldownSeconds if given, else 3600.',
  ),
  groupGoneSeconds: secondsOrNull(
    'An alert of a group without data for so long ends, and a notice says so. 0: never. Null: ten windows, at least 3600.',
  ),
  severity: Type.String({ enum: [...severities], description: 'Default warning.' }),
  noData: Type.String({
    enum: [...noDataMeanings],
    description: 'What missing data means. keep (the default): no change. alert: wrong. ok: right.',
  }),
  channels: Type.Array(
    Type.Object({
      channel: Type.String({ enum: [...channelNames] }),
      to: Type.Optional(
        Type.String({
          description:
            'An address, a phone number, a user, or the name of a destination. Absent: the notification preferences decide.',
        }),
      ),
    }),
    { description: 'The recipients. When empty, severity and notification preferences decide.' },
  ),
  escalation: Type.Array(
    Type.Object({
      afterSeconds: Type.Integer({
        description:
          'At least 10, and more than that of the step before. Counted from the first notice, or from the moment that an ' +
          'acknowledgement was taken back.',
      }),
      channels: Type.Array(
        Type.Object({
          channel: Type.String({ enum: [...channelNames] }),
          to: Type.Optional(Type.String({ description: 'As in channels.' })),
          team: Type.Optional(
            Type.String({
              description:
                'Instead of to: a team of the notification preferences, by its address on this channel.',
            }),
          ),
        }),
      ),
    }),
    {
      maxItems: MAX_STEPS,
      description:
        'Who else is told while nobody acknowledges an alert. Each step is told once, unless the alert is acknowledged, over ' +
        'or silenced.',
    },
  ),
  enabled: Type.Boolean({ description: 'Default true.' }),
};

const silencedUntil = orNull(
  moment('Until then no notices are sent. An alert that still fires afterwards sends one.'),
);

/** A rule as it is sent. It allows unknown fields, because the reader of rules refuses them with a better message. */
export const RuleBody = Type.Object(
  {
    ...Type.Partial(Type.Object(ruleProperties)).properties,
    silencedUntil: Type.Optional(silencedUntil),
  },
  { additionalProperties: true },
);

export const NewRuleBody = Type.Object(
  {
    orgId: Type.Optional(orgOrAll),
    ...RuleBody.properties,
  },
  { additionalProperties: true },
);

export const AlertConfigSchema = Type.Object({
  id: Type.String(),
  orgId: orgOrAll,
  ...ruleProperties,
  version: Type.Integer({ description: 'Rises with each change; it is the ETag.' }),
  createdAt: moment('When it was added.'),
  createdBy: Type.String({ description: 'Id of the actor who added it.' }),
  updatedAt: moment('When it was last changed.'),
  updatedBy: Type.String({ description: 'Id of the actor who last changed it.' }),
  silencedUntil,
  nextEvaluationAt: moment('When it is next evaluated.'),
  waitingSince: orNull(
    moment(
      'Since when it waits for its evaluation, if for more than 5 s. Other rules of its org go first, or orgs that have used less evaluation time. Null: it does not wait.',
    ),
  ),
  lastEvaluatedAt: orNull(moment('When it was last evaluated.')),
  failure: textOrNull('The error of the last evaluation, if it failed.'),
  openAlerts: Type.Integer({ description: 'Its alerts that have not resolved.' }),
  builtIn: textOrNull(
    'The name of a built-in rule that watches the service itself; null for any other rule.',
  ),
});
