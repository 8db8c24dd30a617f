import { Type } from 'typebox';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';

/** A point of a chart of values. */
export const PointSchema = Type.Object({
  at: moment('When the value was judged.'),
  value: numberOrNull('In the unit of the metric; null for missing data.'),
  samples: Type.Integer({ description: 'Events in the value.' }),
  baseline: numberOrNull('The usual value, or the value before.'),
  lower: numberOrNull('A value below this breaks the rule; null: none does on that side.'),
  upper: numberOrNull('A value above this breaks the rule; null: none does on that side.'),
});

export const markProperties = {
  at: moment('When it happened.'),
  transition: Type.String({ description: 'firing, still_firing, acknowledged, resolved …' }),
  reason: Type.String(),
  notice: textOrNull('The kind of notice that was sent; null: none.'),
  value: numberOrNull(),
};

/** Something that happened to an alert. */
export const MarkSchema = Type.Object(markProperties);

export const pointSeconds = Type.Number({
  description:
    'The time that a point stands for. Of several evaluations it shows the one furthest past the threshold.',
});
