import type { DimensionColumn } from '../../events/columns.ts';
import { type ReadPlan, refuseTooMany } from '../reading/read-plan.ts';
import type { TimeRange } from '../reading/time-buckets.ts';

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
};

interface SeriesShape {
  plan: ReadPlan;
  range: TimeRange;
  groupBy: GroupBy | undefined;
}

/**
 * One point for each bucket and group, by time and then by group. A bucket without events has a point too.
 * @param numbersOf computes the numbers of a point from its rows, of which there may be none
 */
export function seriesOver<Row extends { bucket: number }, Numbers>(
  { plan, range, groupBy }: SeriesShape,
  rows: readonly Row[],
  numbersOf: (rows: readonly Row[]) => Numbers,
): Point<Numbers>[] {
  const groupOf = (row: Row): string | null =>
    groupBy === undefined ? null : ((row as Grouped)[columnOf[groupBy]] ?? null);
  const groups = groupBy === undefined ? [null] : [...new Set(rows.map(groupOf))].sort(compareGroups);
  const buckets = plan.boundaries.slice(0, -1);
  refuseTooMany(buckets.length, range, groups.length);

  const byGroup = new Map<string | null, Map<number, Row[]>>(groups.map((group) => [group, new Map()]));
  for (const row of rows) {
    const ofGroup = byGroup.get(groupOf(row));
    const ofBucket = ofGroup?.get(row.bucket);
    if (ofBucket) ofBucket.push(row);
    else ofGroup?.set(row.bucket, [row]);
  }
  return buckets.flatMap((start, bucket) => {
    const bucketStart = new Date(start).toISOString();
    return groups.map((group) => ({
      bucketStart,
      ...(groupBy !== undefined && { [fieldOf[groupBy]]: group }),
      ...numbersOf(byGroup.get(group)?.get(bucket) ?? []),
    }));
  });
}

/** By name, with null last. */
function compareGroups(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
