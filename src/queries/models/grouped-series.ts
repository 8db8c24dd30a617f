import type { DimensionColumn } from '../../events/columns.ts';
import { isLabelName, keyOfLabel, type LabelName } from '../../events/labels.ts';
import { partialOf } from '../reading/partial-bucket.ts';
import type { ReadPlan } from '../reading/read-plan.ts';
import type { SeriesColumn } from '../reading/series-columns.ts';
import type { TimeRange } from '../reading/time-buckets.ts';
import { type GroupNames, type GroupSize, largestGroups } from './largest-groups.ts';

const columnOf = {
  model: 'model_id',
  client: 'client_id',
  provider: 'provider',
  serviceTier: 'service_tier',
} as const satisfies Record<string, DimensionColumn>;
type Named = keyof typeof columnOf;
type Dimension = Named | LabelName;
const fieldOf = {
  model: 'modelId',
  client: 'clientId',
  provider: 'provider',
  serviceTier: 'serviceTier',
} as const satisfies Record<Named, string>;

/** The dimensions of model calls besides labels. */
export const groupings: readonly string[] = Object.keys(columnOf);
/** What a series is grouped by: one dimension or label, or two that are separated by a comma. */
export type GroupBy = string;

function dimensionsOf(groupBy: GroupBy | undefined): Dimension[] {
  return (groupBy?.split(',') ?? []) as Dimension[];
}

export function groupColumns(groupBy: GroupBy | undefined): SeriesColumn[] {
  return dimensionsOf(groupBy).map((dimension) => (isLabelName(dimension) ? dimension : columnOf[dimension]));
}

/** The names of a group as a point shows them; all null for the rest. */
function shownNames(dimensions: readonly Dimension[], names: GroupNames): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  const labels: Record<string, string | null> = {};
  for (const [index, dimension] of dimensions.entries()) {
    const name = names[index] ?? null;
    if (isLabelName(dimension)) labels[keyOfLabel(dimension)] = name;
    else shown[fieldOf[dimension]] = name;
  }
  return Object.keys(labels).length === 0 ? shown : { ...shown, labels };
}

type Grouped = Partial<Record<SeriesColumn, string | null>>;
export type Point<Numbers> = Numbers & {
  bucketStart: string;
  modelId?: string | null;
  clientId?: string | null;
  provider?: string | null;
  serviceTier?: string | null;
  /** With the label that it is grouped by. */
  labels?: Record<string, string | null>;
  /** The point adds up all groups that are not shown one by one. */
  rest?: true;
  /** The range cuts the bucket, or it has not ended. */
  partial?: true;
};

/** The points of a series, and how many groups its rest adds up; 0 without a rest. */
export interface GroupedSeries<Numbers> {
  points: Point<Numbers>[];
  restGroups: number;
}

interface SeriesShape<Row> {
  plan: ReadPlan;
  range: TimeRange;
  groupBy: GroupBy | undefined;
  /** The most groups to show one by one. */
  top: number | undefined;
  eventsOf: (row: Row) => number;
  /** Milliseconds since the epoch. */
  now: number;
}

const REST = Symbol('rest');
type Group = GroupNames | typeof REST;

/**
 * One point for each bucket and group, by time and then by group. A bucket without events has a point too.
 * @param numbersOf computes the numbers of a point from its rows, of which there may be none, and the index of its bucket
 */
export function seriesOver<Row extends { bucket: number }, Numbers>(
  { plan, range, groupBy, top, eventsOf, now }: SeriesShape<Row>,
  rows: readonly Row[],
  numbersOf: (rows: readonly Row[], bucket: number) => Numbers,
): GroupedSeries<Numbers> {
  const dimensions = dimensionsOf(groupBy);
  const columns = groupColumns(groupBy);
  const namesOf = (row: Row): GroupNames => columns.map((column) => (row as Grouped)[column] ?? null);
  const keyOf = (names: GroupNames): string => JSON.stringify(names);
  const buckets = plan.boundaries.slice(0, -1);
  // Without dimensions there is one group, even without events.
  const sizes = new Map<string, GroupSize>(
    columns.length === 0 ? [[keyOf([]), { names: [], events: 0 }]] : [],
  );
  for (const row of rows) {
    const names = namesOf(row);
    const known = sizes.get(keyOf(names));
    if (known) known.events += eventsOf(row);
    else sizes.set(keyOf(names), { names, events: eventsOf(row) });
  }
  const { shown, rest } = largestGroups([...sizes.values()], { buckets: buckets.length, range, top });

  const groups: Group[] = rest > 0 ? [...shown, REST] : shown;
  const keyOfGroup = (group: Group) => (group === REST ? REST : keyOf(group));
  const byGroup = new Map(groups.map((group) => [keyOfGroup(group), new Map<number, Row[]>()]));
  for (const row of rows) {
    const ofGroup = byGroup.get(keyOf(namesOf(row))) ?? byGroup.get(REST);
    const ofBucket = ofGroup?.get(row.bucket);
    if (ofBucket) ofBucket.push(row);
    else ofGroup?.set(row.bucket, [row]);
  }
  const points = buckets.flatMap((start, bucket) => {
    const bucketStart = new Date(start).toISOString();
    const partial = partialOf(plan, bucket, now);
    return groups.map((group) => ({
      bucketStart,
      ...partial,
      ...shownNames(dimensions, group === REST ? [] : group),
      ...(group === REST && { rest: true as const }),
      ...numbersOf(byGroup.get(keyOfGroup(group))?.get(bucket) ?? [], bucket),
    }));
  });
  return { points, restGroups: rest };
}
