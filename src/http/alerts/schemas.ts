import { Type } from 'typebox';
import { directions, noDataMeanings, ruleTypes } from '../../alerts/rules/rule.ts';
import { channelNames, severities } from '../../notifications/notice/notice.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/query-parameters.ts';

function seconds(description: string) {
  return Type.Integer({ description });
}

export const orgOfAlert = textOrNull('null: all orgs together.');

/** The fields of a rule. Ranges and what must fit together are checked where rules are read, and said there. */
const ruleProperties = {
  name: Type.String({ description: 'One line, at most 120 characters; no two of an org have the same.' }),
  description: Type.String({ description: 'For whoever is told: what it means, what to do.' }),
  metric: Type.String({
    description: 'What is watched, such as usage.error_rate; /alerts/metrics lists them.',
  }),
  expression: textOrNull(
    'PromQL, for the metric prometheus; by an admin alone, as Prometheus knows no orgs.',
  ),
  filters: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
    description: 'Only events whose dimension has this value: {"modelId": "gpt-4o"}.',
  }),
  groupBy: Type.Array(Type.String(), {
    description: 'One alert for each combination of these dimensions; org too in a rule over all orgs.',
  }),
  type: Type.String({ enum: [...ruleTypes], description: 'When the value is wrong.' }),
  threshold: Type.Number({
    description:
      'In the unit of the metric; percent for rate_of_change (negative: a fall); robust standard deviations for ' +
      'anomaly (default 3.5).',
  }),
  recoveryThreshold: numberOrNull(
    'What the value must come back to before the alert resolves; null: the threshold.',
  ),
  direction: Type.String({ enum: [...directions], description: 'Which way is unusual, for anomaly.' }),
  floor: numberOrNull('The least number that a change is taken relative to, for rate_of_change.'),
  minimumChange: Type.Number({ description: 'The least difference that counts, in the unit of the metric.' }),
  windowSeconds: seconds(
    'What the value is taken over; a multiple of 60, of 900 for anomaly. Default 300 (900).',
  ),
  forSeconds: seconds('How long it must be wrong before the alert fires; default 0.'),
  recoverySeconds: seconds('How long it must be right before the alert resolves; default forSeconds.'),
  intervalSeconds: seconds('From one evaluation to the next: 5 or more, default 60.'),
  onData: Type.Boolean({ description: 'Evaluate also as soon as data of the org has been rolled up.' }),
  minimumSamples: Type.Integer({ description: 'Values of fewer events say nothing.' }),
  cooldownSeconds: seconds(
    'The least time between two notices that it fires, and when it is repeated; 0: no repeats. Default 3600.',
  ),
  severity: Type.String({ enum: [...severities], description: 'Default warning.' }),
  noData: Type.String({
    enum: [...noDataMeanings],
    description:
      'What no data means: nothing changes (keep, the default), it is wrong (alert), it is right (ok).',
  }),
  channels: Type.Array(
    Type.Object({
      channel: Type.String({ enum: [...channelNames] }),
      to: Type.Optional(
        Type.String({
          description: 'An address, a number, a user, or the name of a destination; absent: by preference.',
        }),
      ),
    }),
    { description: 'Where notices go; by severity and preference when empty.' },
  ),
  enabled: Type.Boolean({ description: 'Default true.' }),
};

const silencedUntil = orNull(moment('No notices before; what still fires then is told.'));

/** A rule as it is sent. Fields that are not known are told by the rule's own reader. */
export const RuleBody = Type.Object(
  {
    ...Type.Partial(Type.Object(ruleProperties)).properties,
    silencedUntil: Type.Optional(silencedUntil),
  },
  { additionalProperties: true },
);

export const NewRuleBody = Type.Object(
  {
    orgId: Type.Optional(orgOfAlert),
    ...RuleBody.properties,
  },
  { additionalProperties: true },
);

export const AlertConfigSchema = Type.Object({
  id: Type.String(),
  orgId: orgOfAlert,
  ...ruleProperties,
  version: Type.Integer({ description: 'Goes up with each change; the ETag.' }),
  createdAt: moment('When it was made.'),
  createdBy: Type.String({ description: 'Id of the actor who made it.' }),
  updatedAt: moment('When it was last changed.'),
  updatedBy: Type.String({ description: 'Id of the actor who did.' }),
  silencedUntil,
  nextEvaluationAt: moment('When it is evaluated next.'),
  lastEvaluatedAt: textOrNull('When it was evaluated last.'),
  failure: textOrNull('What the last evaluation said, if it failed.'),
  openAlerts: Type.Integer({ description: 'Alerts of it that are not over.' }),
  builtIn: textOrNull('Which rule that watches the service itself this is; null for any other.'),
});

export const severity = Type.Enum(severities);
export const ruleType = Type.Enum(ruleTypes);
