import type { Queryable } from '../../database/pool.ts';
import type { AdminQuery } from './admin-query.ts';
import { labelFilters } from './alternatives.ts';
import { type ComparedPlans, planCompared } from './compared-plans.ts';
import type { Freshness } from './freshness.ts';
import { queryRollups, type RollupQuery } from './query-rollups.ts';
import type { ReadPlan } from './read-plan.ts';
import { refuseManyGroups } from './refuse-many-groups.ts';
import type { SeriesColumn } from './series-columns.ts';
import type { Bucketing } from './time-buckets.ts';

/** What to select from the rollups of one type, without the org and the time. */
export type RollupSelection = Omit<RollupQuery, 'orgId' | 'plan'>;

type Bucketed<Row> = (Row & { bucket: number })[];

/** How the two ranges are read. */
interface ComparedReading {
  /** As `planCompared` takes them: the best first. */
  bucketings: readonly Bucketing[];
  /** For the earlier range, if it need not match the buckets of the first. */
  bucketingBefore?: Bucketing;
  /** The groups that an answer may not have too many of: by default all that are read. */
  counted?: readonly SeriesColumn[];
}

const wholeRange: ComparedReading = { bucketings: ['whole'] };

/** The rows of a range, and those of the earlier range it is compared with. */
export interface ComparedRows<Row> extends ComparedPlans {
  /** `bucket` is the index of the bucket in `plan`. */
  rows: Bucketed<Row>;
  /** `bucket` is the index of the bucket in `planBefore`. */
  rowsBefore: Bucketed<Row> | undefined;
  freshness: Freshness;
}

/**
 * Queries the rollups of a type over a range and, where the query compares, over the earlier range too. One statement
 * reads both, so both come from one snapshot. Ranges that overlap need two statements.
 * @param wanted without the filters by labels, which the query has
 * @throws {CodedError} as `planCompared`, and `too_many_points` for too many groups
 */
export async function queryCompared<Row>(
  database: Queryable,
  query: AdminQuery,
  wanted: RollupSelection,
  { bucketings, bucketingBefore, counted = wanted.groupBy }: ComparedReading = wholeRange,
): Promise<ComparedRows<Row>> {
  const { orgId } = query;
  const selection = { ...wanted, filters: { ...wanted.filters, ...labelFilters(query.labels) } };
  const plans = planCompared(query, bucketings, selection.type, bucketingBefore);
  const { plan, planBefore } = plans;
  for (const each of planBefore ? [plan, planBefore] : [plan])
    await refuseManyGroups(database, { ...selection, orgId, plan: each, groupBy: counted }, query.range);
  if (planBefore === undefined || planBefore.covered.end > plan.covered.start) {
    const [current, earlier] = await Promise.all([
      queryRollups<Row>(database, { ...selection, orgId, plan }),
      planBefore && queryRollups<Row>(database, { ...selection, orgId, plan: planBefore }),
    ]);
    return { ...plans, rows: current.rows, rowsBefore: earlier?.rows, freshness: current.freshness };
  }
  const { rows, freshness } = await queryRollups<Row>(database, {
    ...selection,
    orgId,
    plan: concatenate(planBefore, plan),
  });
  // The gap between the two ranges counts as a bucket of its own, without rows.
  const offset = planBefore.boundaries.length;
  return {
    ...plans,
    rows: rows.flatMap((row) => (row.bucket >= offset ? { ...row, bucket: row.bucket - offset } : [])),
    rowsBefore: rows.filter((row) => row.bucket < offset),
    freshness,
  };
}

/**
 * The freshness of an answer made of several queries: that of the least complete one. Its numbers last changed when
 * those of any of them did. A query of a type that the org never sent has no such time.
 */
export function leastFresh(first: Freshness, ...others: readonly Freshness[]): Freshness {
  return others.reduce(
    (least, other) => ({
      ...(other.asOf < least.asOf ? other : least),
      lastRollupAt: later(least.lastRollupAt, other.lastRollupAt),
    }),
    first,
  );
}

function later(one: string | null, other: string | null): string | null {
  return (one ?? '') >= (other ?? '') ? one : other;
}

/** Clips buckets to the covered ranges: the last bucket of one and the first of the other may be the same day. */
function concatenate(first: ReadPlan, second: ReadPlan): ReadPlan {
  return {
    covered: { start: first.covered.start, end: second.covered.end },
    boundaries: [...clippedBoundaries(first), ...clippedBoundaries(second)],
    segments: [...first.segments, ...second.segments],
  };
}

function clippedBoundaries({ boundaries, covered: { start, end } }: ReadPlan): number[] {
  return boundaries.map((boundary) => Math.min(end, Math.max(start, boundary)));
}
