import { isLabelName, keyOfLabel, type LabelName } from '../events/labels.ts';
import type { NamedLabel } from '../series/label-dimensions.ts';
import type { ExportRequest } from './request.ts';

/** How a caller names the parts of a request that have labels. */
export interface LabelWords {
  groupBy: string;
  /** The place of a label among those that rows are told apart by. */
  grouping(index: number): string;
  labels: string;
  filter(key: string): string;
}

type LabelUse = Pick<ExportRequest, 'dataset' | 'groupBy' | 'labels' | 'columns'>;

/** The labels that must be dimensions of the org, each with its name for the caller. Raw events have all that were sent. */
export function labelsOfRequest(
  { dataset, groupBy, labels = {} }: LabelUse,
  words: LabelWords,
): NamedLabel[] {
  if (dataset === 'events') return [];
  return [
    ...groupBy.flatMap((name, index) =>
      isLabelName(name) ? [{ name, parameter: words.grouping(index) }] : [],
    ),
    ...(Object.keys(labels) as LabelName[]).map((name) => ({
      name,
      parameter: words.filter(keyOfLabel(name)),
    })),
  ];
}

/**
 * Finds labels where a dataset has none. A file without what was asked for would mislead.
 * @returns where they are, and what would be right; `undefined`: there are none
 */
export function labelMisuse(
  { dataset, groupBy, labels, columns }: LabelUse,
  words: LabelWords,
): { path: string; message: string } | undefined {
  const grouped = groupBy.filter(isLabelName).length;
  const inGroups = (message: string) => ({ path: words.groupBy, message });
  if (labels && !['usage', 'focus', 'events', 'ml', 'sales'].includes(dataset))
    return {
      path: words.labels,
      message: `is for usage, focus, events, ml and sales, and not for ${dataset}`,
    };
  if (grouped === 0) return undefined;
  if (dataset === 'focus') return inGroups('must not name labels for focus; its column Tags has them');
  if (dataset !== 'usage' && dataset !== 'sales')
    return inGroups(`must not name labels for ${dataset}; usage and sales can be told apart by them`);
  if (dataset === 'sales' && grouped > 1) return inGroups('must name one label at most for sales');
  if (columns === 's2') return inGroups('must not name labels with the columns s2, which have none');
  return undefined;
}
