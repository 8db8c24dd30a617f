import type { DimensionColumn } from '../../events/columns.ts';
import { isLabelName, keyOfLabel, type LabelName } from '../../events/labels.ts';
import type { SeriesColumn } from '../reading/series-columns.ts';
import type { GroupNames } from './largest-groups.ts';

const columnOf = {
  model: 'model_id',
  client: 'client_id',
  provider: 'provider',
  serviceTier: 'service_tier',
  status: 'status',
  errorCode: 'error_code',
} as const satisfies Record<string, DimensionColumn>;
type Named = keyof typeof columnOf;
type Dimension = Named | LabelName;

const fieldOf = {
  model: 'modelId',
  client: 'clientId',
  provider: 'provider',
  serviceTier: 'serviceTier',
  status: 'status',
  errorCode: 'errorCode',
} as const satisfies Record<Named, string>;

/** The dimensions of model calls besides labels. */
export const groupings: readonly string[] = Object.keys(columnOf);
/** What a series is grouped by: dimensions or labels, at most `MOST_GROUPINGS`, separated by commas. */
export type GroupBy = string;
export const MOST_GROUPINGS = 3;

/** The names of the group of a point. */
export interface PointGroup {
  modelId?: string | null;
  clientId?: string | null;
  provider?: string | null;
  serviceTier?: string | null;
  status?: string | null;
  errorCode?: string | null;
  /** With the labels that it is grouped by. */
  labels?: Record<string, string | null>;
}

function dimensionsOf(groupBy: GroupBy | undefined): Dimension[] {
  return (groupBy?.split(',') ?? []) as Dimension[];
}

export function groupColumns(groupBy: GroupBy | undefined): SeriesColumn[] {
  return dimensionsOf(groupBy).map((dimension) => (isLabelName(dimension) ? dimension : columnOf[dimension]));
}

/** The names of a group as a point shows them. @param names in the order of the dimensions; none for the rest */
export function shownNames(groupBy: GroupBy | undefined, names: GroupNames): PointGroup {
  const shown: PointGroup = {};
  const labels: Record<string, string | null> = {};
  for (const [index, dimension] of dimensionsOf(groupBy).entries()) {
    const name = names[index] ?? null;
    if (isLabelName(dimension)) labels[keyOfLabel(dimension)] = name;
    else shown[fieldOf[dimension]] = name;
  }
  return Object.keys(labels).length === 0 ? shown : { ...shown, labels };
}
