import type { LabelName } from '../../events/labels.ts';

/**
 * The values that a filter accepts: those between its commas. The whole text is one too, because a name may contain a
 * comma.
 */
export function alternativesOf(filter: string): string | string[] {
  const parts = filter.split(',').map((part) => part.trim());
  return parts.length === 1 ? filter : [filter, ...parts.filter((part) => part !== '')];
}

/** The values of labels to select, by their names, such as `label.team`. */
export type LabelFilters = Readonly<Record<LabelName, string>>;

/** The values that filters by labels accept. */
export function labelFilters(labels: LabelFilters = {}): Readonly<Record<LabelName, string | string[]>> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, alternativesOf(value)]));
}
