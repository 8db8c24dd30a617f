import type { TProperties } from 'typebox';
import { Type } from 'typebox';
import { isLabelName, type LabelName, labelKeyPattern } from '../../events/labels.ts';
import type { NamedLabel } from '../../series/label-dimensions.ts';
import { shortText } from './texts.ts';

/** Matches one label as it is named in a question. */
export const labelPattern = `label\\.${labelKeyPattern}`;

/** The query parameters of a question that can also be filtered by labels, such as `label.team=search`. */
export function withLabelFilters<T extends TProperties>(properties: T) {
  return Type.Object(properties, {
    patternProperties: {
      [`^${labelPattern}$`]: shortText(2_000, 'Only this value of the label, or these, separated by commas.'),
    },
  });
}

/** The filters of a query by labels. */
export function labelFiltersOf(query: object): Record<LabelName, string> {
  return Object.fromEntries(Object.entries(query).filter(([name]) => isLabelName(name)));
}

/** The labels that a query names, each with its parameter. */
export function namedLabelsOf(query: { groupBy?: string | undefined }): NamedLabel[] {
  const grouped = (query.groupBy?.split(',') ?? []).filter(isLabelName);
  const filtered = Object.keys(query).filter(isLabelName);
  return [
    ...grouped.map((name) => ({ name, parameter: 'groupBy' })),
    ...filtered.map((name) => ({ name, parameter: name })),
  ];
}
