import { Type } from 'typebox';
import { textOrNull } from '../fields/nullable.ts';

/** The label of a point or row that is grouped by one. */
export const groupedLabels = Type.Optional(
  Type.Record(Type.String(), textOrNull(), { description: 'With groupBy=label.KEY: its value.' }),
);

/** Marks the points of all groups that an answer does not show one by one. */
export const restField = Type.Optional(
  Type.Literal(true, { description: 'The point adds up all groups that have no points of their own.' }),
);

export const restGroups = Type.Integer({
  description: 'The groups in the points with `rest`; 0 without any.',
});
