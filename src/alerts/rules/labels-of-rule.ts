import { isLabelName, type LabelName } from '../../events/labels.ts';
import type { Rule } from './rule.ts';

/** The labels that a rule filters by, with their values. They say what an alert is about, as its group does. */
export function labelFiltersOf({ filters }: Pick<Rule, 'filters'>): Record<LabelName, string> {
  return Object.fromEntries(Object.entries(filters).filter(([name]) => isLabelName(name)));
}

/** The labels that a rule names, each with the path of its field. */
export function labelsOfRule({ filters, groupBy }: Rule): { name: LabelName; path: string }[] {
  return [
    ...Object.keys(filters).map((name) => ({ name, path: `filters.${name}` })),
    ...groupBy.map((name, index) => ({ name, path: `groupBy.${index}` })),
  ].filter((named): named is { name: LabelName; path: string } => isLabelName(named.name));
}
