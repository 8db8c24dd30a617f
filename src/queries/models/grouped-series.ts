import type { DimensionColumn } from '../../events/columns.ts';
import { partialOf } from '../reading/partial-bucket.ts';
import type { ReadPlan } from '../reading/read-plan.ts';
import type { TimeRange } from '../reading/time-buckets.ts';
import { largestGroups } from './largest-groups.ts';

export const groupings = ['model', 'client'] as const;
export type GroupBy = (typeof groupings)[number];

const columnOf = { model: 'model_id', client: 'client_id' } as const satisfies Record<
  GroupBy,
  DimensionColumn
>;
const fieldOf = { model: 'modelId', client: 'clientId' } as const satisfies Record<GroupBy, string>;

export function groupColumns(groupBy: GroupBy | undefined): DimensionColumn[] {
  return groupBy === undefined ? [] : [columnOf[groupBy]];
}

type Grouped = Partial<Record<DimensionColumn, string | null>>;
export type Point<Numbers> = Numbers & {
  bucketStart: string;
  modelId?: string | null;
  clientId?: string | null;
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
type Group = string | null | typeof REST;

/**
 * One point for each bucket and group, by time and then by group. A bucket without events has a point too.
 * @param numbersOf computes the numbers of a point from its rows, of which there may be none
 */
export function seriesOver<Row extends { bucket: number }, Numbers>(
  { plan, range, groupBy, top, eventsOf, now }: SeriesShape<Row>,
  rows: readonly Row[],
  numbersOf: (rows: readonly Row[]) => Numbers,
): GroupedSeries<Numbers> {
  const nameOf = (row: Row): string | null =>
    groupBy === undefined ? null : ((row as Grouped)[columnOf[groupBy]] ?? null);
  const buckets = plan.boundaries.slice(0, -1);
  const events = new Map<string | null, number>(groupBy === undefined ? [[null, 0]] : []);
  for (const row of rows) events.set(nameOf(row), (events.get(nameOf(row)) ?? 0) + eventsOf(row));
  const { shown, rest } = largestGroups(events, { buckets: buckets.length, range, top });

  const groups: Group[] = rest > 0 ? [...shown, REST] : shown;
  const byGroup = new Map<Group, Map<number, Row[]>>(groups.map((group) => [group, new Map()]));
  for (const row of rows) {
    const ofGroup = byGroup.get(nameOf(row)) ?? byGroup.get(REST);
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
      ...(groupBy !== undefined && { [fieldOf[groupBy]]: group === REST ? null : group }),
      ...(group === REST && { rest: true as const }),
      ...numbersOf(byGroup.get(group)?.get(bucket) ?? []),
    }));
  });
  return { points, restGroups: rest };
}
