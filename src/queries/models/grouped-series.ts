import { partialOf } from '../reading/partial-bucket.ts';
import type { ReadPlan } from '../reading/read-plan.ts';
import type { SeriesColumn } from '../reading/series-columns.ts';
import type { TimeRange } from '../reading/time-buckets.ts';
import { type GroupBy, groupColumns, type PointGroup, shownNames } from './dimensions.ts';
import { type GroupNames, type GroupSize, largestGroups } from './largest-groups.ts';

export type Point<Numbers> = Numbers &
  PointGroup & {
    bucketStart: string;
    /** The point adds up all groups that are not shown one by one. */
    rest?: true;
    /** The range cuts the bucket, or it has not ended. */
    partial?: true;
    /** With a comparison: the numbers of the bucket compared with; `null` if it has no counterpart. */
    previous?: (Numbers & { bucketStart: string }) | null;
  };

/** The points of a series, and how many groups its rest adds up; 0 without a rest. */
export interface GroupedSeries<Numbers> {
  points: Point<Numbers>[];
  restGroups: number;
}

/** The earlier range that a series is compared with. */
export interface EarlierSeries<Row> {
  plan: Pick<ReadPlan, 'boundaries'>;
  rows: readonly Row[];
  /** For each bucket of the series, the index of its counterpart in `plan`. */
  counterparts: readonly (number | undefined)[];
}

interface SeriesShape<Row> {
  plan: ReadPlan;
  range: TimeRange;
  groupBy: GroupBy | undefined;
  /** The most groups to show one by one. */
  top: number | undefined;
  /** Groups with the largest sum of this are shown one by one. */
  sizeOf: (row: Row) => number;
  /** Milliseconds since the epoch. */
  now: number;
  earlier?: EarlierSeries<Row> | undefined;
}

const REST = Symbol('rest');
type Group = GroupNames | typeof REST;

type NumbersOf<Row, Numbers> = (rows: readonly Row[], bucket: number) => Numbers;

/**
 * One point for each bucket and group, by time and then by group. A bucket without events has a point too. A group that
 * only the earlier range has is a group like the others, so that its decrease shows.
 * @param numbersOf computes the numbers of a point from its rows, of which there may be none, and the index of its bucket
 * @param numbersBefore does so for the points of the earlier range
 */
export function seriesOver<Row extends { bucket: number }, Numbers>(
  shape: SeriesShape<Row>,
  rows: readonly Row[],
  numbersOf: NumbersOf<Row, Numbers>,
  numbersBefore: NumbersOf<Row, Numbers> = numbersOf,
): GroupedSeries<Numbers> {
  const { plan, groupBy, now, earlier } = shape;
  const { groups, restGroups, rowsOf } = groupRows(shape, rows);
  const points = plan.boundaries.slice(0, -1).flatMap((start, bucket) => {
    const bucketStart = iso(start);
    const partial = partialOf(plan, bucket, now);
    const then = earlier?.counterparts[bucket];
    const startThen = then === undefined ? undefined : earlier?.plan.boundaries[then];
    return groups.map(
      (group): Point<Numbers> => ({
        bucketStart,
        ...partial,
        ...shownNames(groupBy, group === REST ? [] : group),
        ...(group === REST && { rest: true as const }),
        ...numbersOf(rowsOf(group, bucket), bucket),
        ...(earlier && {
          previous:
            then === undefined || startThen === undefined
              ? null
              : { bucketStart: iso(startThen), ...numbersBefore(rowsOf(group, then, 'earlier'), then) },
        }),
      }),
    );
  });
  return { points, restGroups };
}

interface GroupedRows<Row> {
  groups: readonly Group[];
  restGroups: number;
  /** The rows of a group in a bucket. */
  rowsOf: (group: Group, bucket: number, of?: 'earlier') => readonly Row[];
}

function groupRows<Row extends { bucket: number }>(
  { plan, range, groupBy, top, sizeOf, earlier }: SeriesShape<Row>,
  rows: readonly Row[],
): GroupedRows<Row> {
  const columns = groupColumns(groupBy);
  const namesOf = (row: Row): GroupNames =>
    columns.map((column) => (row as Partial<Record<SeriesColumn, string | null>>)[column] ?? null);
  const keyOf = (names: GroupNames): string => JSON.stringify(names);
  // Without dimensions there is one group, even without events.
  const sizes = new Map<string, GroupSize>(columns.length === 0 ? [[keyOf([]), { names: [], size: 0 }]] : []);
  const addSize = (row: Row, size: number) => {
    const names = namesOf(row);
    const known = sizes.get(keyOf(names));
    if (known) known.size += size;
    else sizes.set(keyOf(names), { names, size });
  };
  for (const row of rows) addSize(row, sizeOf(row));
  for (const row of earlier?.rows ?? []) addSize(row, 0);
  const { shown, rest } = largestGroups([...sizes.values()], {
    ...{ buckets: plan.boundaries.length - 1, range, top },
  });
  const groups: Group[] = rest > 0 ? [...shown, REST] : shown;
  const keyOfGroup = (group: Group) => (group === REST ? REST : keyOf(group));
  const keys = new Set(groups.map(keyOfGroup));
  const byPlace = (some: readonly Row[]) => {
    const byGroup = Map.groupBy(some, (row) => {
      const key = keyOf(namesOf(row));
      return keys.has(key) ? key : REST;
    });
    return new Map([...byGroup].map(([key, of]) => [key, Map.groupBy(of, ({ bucket }) => bucket)]));
  };
  const now = byPlace(rows);
  const before = byPlace(earlier?.rows ?? []);
  return {
    groups,
    restGroups: rest,
    rowsOf: (group, bucket, of) =>
      (of === 'earlier' ? before : now).get(keyOfGroup(group))?.get(bucket) ?? [],
  };
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}
