import type { Queries } from '../../database/pool.ts';
import type { AdminQuestion } from './admin-question.ts';
import { type ComparedPlans, planCompared } from './compared-plans.ts';
import type { Freshness } from './freshness.ts';
import type { ReadPlan } from './read-plan.ts';
import { askRollups, type RollupQuestion } from './rollup-question.ts';
import type { Bucketing } from './time-buckets.ts';

/** What is asked of the rollups of one type, whatever the time. */
export type RowsAsked = Omit<RollupQuestion, 'orgId' | 'plan'>;

type Bucketed<Row> = (Row & { bucket: number })[];

/** Rows of a range, and those of the time it is compared with. */
export interface ComparedRows<Row> extends ComparedPlans {
  /** `bucket` is the index of the bucket in `plan`. */
  rows: Bucketed<Row>;
  /** `bucket` is the index of the bucket in `planBefore`. */
  rowsBefore: Bucketed<Row> | undefined;
  freshness: Freshness;
}

/**
 * Asks the rollups of a type about a range and, where the question compares, about the other one too: in one
 * statement, so in one snapshot, unless the two overlap.
 * @param bucketings as `planCompared` takes them, and `cutBefore`
 * @throws {CodedError} as `planCompared`
 */
export async function askCompared<Row>(
  database: Queries,
  question: AdminQuestion,
  bucketings: readonly Bucketing[],
  asked: RowsAsked,
  cutBefore?: Bucketing,
): Promise<ComparedRows<Row>> {
  const { orgId } = question;
  const plans = planCompared(question, bucketings, asked.type, cutBefore);
  const { plan, planBefore } = plans;
  if (planBefore === undefined || planBefore.covered.end > plan.covered.start) {
    const [current, then] = await Promise.all([
      askRollups<Row>(database, { ...asked, orgId, plan }),
      planBefore && askRollups<Row>(database, { ...asked, orgId, plan: planBefore }),
    ]);
    return { ...plans, rows: current.rows, rowsBefore: then?.rows, freshness: current.freshness };
  }
  const { rows, freshness } = await askRollups<Row>(database, {
    ...asked,
    orgId,
    plan: oneAfterTheOther(planBefore, plan),
  });
  // Between the last boundary of the one and the first of the other there is a bucket that nothing is read for.
  const offset = planBefore.boundaries.length;
  return {
    ...plans,
    rows: rows.flatMap((row) => (row.bucket >= offset ? { ...row, bucket: row.bucket - offset } : [])),
    rowsBefore: rows.filter((row) => row.bucket < offset),
    freshness,
  };
}

/** How complete an answer is that stands on several questions: as much as the least complete. */
export function leastFresh(first: Freshness, ...others: readonly Freshness[]): Freshness {
  return others.reduce((least, other) => (other.asOf < least.asOf ? other : least), first);
}

/** Buckets are cut to what is covered: the last of the one and the first of the other may be the same day. */
function oneAfterTheOther(first: ReadPlan, second: ReadPlan): ReadPlan {
  return {
    covered: { start: first.covered.start, end: second.covered.end },
    boundaries: [...cutBoundaries(first), ...cutBoundaries(second)],
    segments: [...first.segments, ...second.segments],
  };
}

function cutBoundaries({ boundaries, covered: { start, end } }: ReadPlan): number[] {
  return boundaries.map((boundary) => Math.min(end, Math.max(start, boundary)));
}
