import type { Queries } from '../database/pool.ts';
import { CodedError } from '../errors.ts';
import { type AdminQuestion, questionBefore } from './admin-question.ts';
import type { Freshness } from './freshness.ts';
import { type CutPlan, planFirst, planRead, type ReadPlan } from './read-plan.ts';
import { askRollups, type RollupQuestion } from './rollup-question.ts';
import type { Bucketing } from './time-buckets.ts';

/** What is asked of the rollups of one type, whatever the time. */
export type RowsAsked = Omit<RollupQuestion, 'orgId' | 'plan'>;

type Bucketed<Row> = (Row & { bucket: number })[];

/** Rows of a range, and those of the range it is compared with. */
export interface ComparedRows<Row> extends CutPlan {
  /** `undefined` without a comparison, and where the numbers of that time are no longer kept. */
  planBefore: ReadPlan | undefined;
  /** `bucket` is the index of the bucket in `plan`. */
  rows: Bucketed<Row>;
  /** `bucket` is the index of the bucket in `planBefore`. */
  rowsBefore: Bucketed<Row> | undefined;
  freshness: Freshness;
}

/**
 * Asks the rollups of a type about a range and, where the question compares, about the other one too: in one
 * statement, so in one snapshot, unless the two overlap.
 * @param bucketings how the range may be cut into buckets, the best first
 * @param bucketingBefore of the range compared with, where no bucket of it is set beside one of the other
 * @throws {CodedError} `range_not_kept`, `too_many_points` for the range itself
 */
export const askCompared = async <Row>(
  database: Queries,
  question: AdminQuestion,
  bucketings: readonly Bucketing[],
  asked: RowsAsked,
  bucketingBefore?: Bucketing,
): Promise<ComparedRows<Row>> => {
  const { orgId, range, timezone, now } = question;
  const cut = planFirst(range, bucketings, timezone, now, asked.type);
  const { plan, bucketing } = cut;
  // Compared with the time beside what is covered, so that no quarter of an hour is in both.
  const before = questionBefore({ ...question, range: plan.covered });
  const planBefore = planIfKept(before, bucketingBefore ?? bucketing, asked.type);
  if (planBefore === undefined || planBefore.covered.end > plan.covered.start) {
    const [current, then] = await Promise.all([
      askRollups<Row>(database, { ...asked, orgId, plan }),
      planBefore && askRollups<Row>(database, { ...asked, orgId, plan: planBefore }),
    ]);
    return {
      ...cut,
      planBefore,
      rows: current.rows,
      rowsBefore: then?.rows,
      freshness: current.freshness,
    };
  }
  const { rows, freshness } = await askRollups<Row>(database, {
    ...asked,
    orgId,
    plan: oneAfterTheOther(planBefore, plan),
  });
  // Between the last boundary of the one and the first of the other there is a bucket that nothing is read for.
  const offset = planBefore.boundaries.length;
  return {
    ...cut,
    planBefore,
    rows: rows.flatMap((row) => (row.bucket >= offset ? { ...row, bucket: row.bucket - offset } : [])),
    rowsBefore: rows.filter((row) => row.bucket < offset),
    freshness,
  };
};

const planIfKept = (
  question: AdminQuestion | undefined,
  bucketing: Bucketing,
  type: string,
): ReadPlan | undefined => {
  try {
    return question && planRead(question.range, bucketing, question.timezone, question.now, type);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'range_not_kept') return undefined;
    throw error;
  }
};

/** How complete an answer is that stands on several questions: as much as the least complete. */
export const leastFresh = (first: Freshness, ...others: readonly Freshness[]): Freshness =>
  others.reduce((least, other) => (other.asOf < least.asOf ? other : least), first);

/** Buckets are cut to what is covered: the last of the one and the first of the other may be the same day. */
const oneAfterTheOther = (first: ReadPlan, second: ReadPlan): ReadPlan => ({
  covered: { start: first.covered.start, end: second.covered.end },
  boundaries: [...cutBoundaries(first), ...cutBoundaries(second)],
  segments: [...first.segments, ...second.segments],
});

const cutBoundaries = ({ boundaries, covered: { start, end } }: ReadPlan): number[] =>
  boundaries.map((boundary) => Math.min(end, Math.max(start, boundary)));
