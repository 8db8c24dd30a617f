import { Type } from 'typebox';
import { workflows } from '../../alerts/history/alert-history.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { moment, orgOrAll } from '../fields/texts.ts';
import { severity } from './rule-schema.ts';

/** An alert, from the time it fired. */
export const alertProperties = {
  id: Type.String(),
  configId: Type.String(),
  orgId: orgOrAll,
  allOrgs: Type.Boolean({ description: 'Whether its rule is over all orgs.' }),
  name: Type.String({ description: 'Name of the rule when the alert fired.' }),
  metric: Type.String(),
  severity,
  group: Type.Record(Type.String(), Type.String(), {
    description: 'The group that the alert is about, if the rule has `groupBy`.',
  }),
  workflow: Type.Enum(workflows),
  pendingAt: moment('When the value first broke the rule.'),
  triggeredAt: moment('When the alert fired.'),
  resolvedAt: orNull(moment('When the alert resolved.')),
  resolvedBy: textOrNull('The actor who resolved it; null if its value did.'),
  acknowledgedAt: orNull(moment('When somebody acknowledged it.')),
  acknowledgedBy: textOrNull('The actor who acknowledged it.'),
  note: textOrNull('The note of that actor.'),
  value: numberOrNull('The value that fired the alert, in the unit of the metric; null for missing data.'),
  threshold: Type.Number(),
  valueText: textOrNull(
    'The value with its unit, for people: 7.3 %, 1,250 ms or $12.34. Null for missing data.',
  ),
  thresholdText: Type.String({ description: 'The threshold with its unit, for people.' }),
  windowSeconds: Type.Integer({
    description: 'Length of the window that the value covers; 0 means a reading of one moment.',
  }),
  samples: Type.Integer({ description: 'Events in the value.' }),
  evidence: Type.Object(
    {
      reason: Type.String(),
      compared: numberOrNull(
        'The number that was compared with the threshold: a value, a percentage, or deviations.',
      ),
      baseline: numberOrNull('The usual value, or the value before.'),
      baselineKind: textOrNull('hour_of_week, hour_of_day or last_day.'),
      baselineSamples: numberOrNull('Past windows that the baseline was computed from.'),
      windowStart: orNull(moment('Start of the window; null for a reading of one moment.')),
      windowEnd: orNull(moment('End of the window.')),
    },
    { description: 'The data that fired the alert.' },
  ),
};

export const AlertSchema = Type.Object(alertProperties);
