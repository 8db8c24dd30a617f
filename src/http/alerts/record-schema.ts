import { Type } from 'typebox';
import { workflows } from '../../alerts/history/alert-history.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/query-parameters.ts';
import { orgOfAlert, severity } from './schemas.ts';

/** An alert, from the moment it fired. */
export const alertProperties = {
  id: Type.String(),
  configId: Type.String(),
  orgId: orgOfAlert,
  name: Type.String({ description: 'Of the rule, when it fired.' }),
  metric: Type.String(),
  severity,
  group: Type.Record(Type.String(), Type.String(), {
    description: 'What it is the alert of, where the rule groups.',
  }),
  workflow: Type.Enum(workflows),
  pendingAt: moment('When it was first wrong.'),
  triggeredAt: moment('When it fired.'),
  resolvedAt: textOrNull('When it was over.'),
  resolvedBy: textOrNull('Who resolved it; null if its value did.'),
  acknowledgedAt: textOrNull('When somebody took it on.'),
  acknowledgedBy: textOrNull('Who did.'),
  note: textOrNull('What they said.'),
  value: numberOrNull('What it fired on, in the unit of the metric; null when it was about missing data.'),
  threshold: Type.Number(),
  windowSeconds: Type.Integer({
    description: 'What the value is taken over; 0: it is a number of the moment.',
  }),
  samples: Type.Integer({ description: 'Events the value is made of.' }),
  evidence: Type.Object(
    {
      reason: Type.String(),
      compared: numberOrNull('What was compared with the threshold: the value, percent, or deviations.'),
      baseline: numberOrNull('What was usual, or the value before.'),
      baselineKind: textOrNull('hour_of_week, hour_of_day or last_day.'),
      baselineSamples: numberOrNull('How many windows of the past it was told from.'),
      windowStart: textOrNull('Start of the window; null for a number of the moment.'),
      windowEnd: textOrNull('Its end.'),
    },
    { description: 'What it fired on.' },
  ),
};
export const AlertSchema = Type.Object(alertProperties);
