import type { Queryable } from '../../database/pool.ts';
import type { DimensionColumn } from '../../events/columns.ts';
import { mlJob } from '../../events/types/ml-job.ts';
import { type AdminQuery, type AnswerMetadata, bucketingsFor, metadataOf } from '../reading/admin-query.ts';
import { alternativesOf } from '../reading/alternatives.ts';
import { partialOf } from '../reading/partial-bucket.ts';
import { queryCompared, type RollupSelection } from '../reading/query-compared.ts';
import type { ReadPlan } from '../reading/read-plan.ts';
import { sketchColumns, sketchesSql } from '../reading/sketch.ts';
import type { Bucketing } from '../reading/time-buckets.ts';
import {
  type ComparedMlFigures,
  type CostsBySource,
  compareFigures,
  type MlError,
  type MlFigures,
  type MlRow,
  MlTally,
} from './tally.ts';

export const mlGroupings = ['pipeline', 'provider', 'operation'] as const;
/** The dimension that an answer groups jobs by. */
type MlGrouping = (typeof mlGroupings)[number];

export interface MlQuery extends AdminQuery {
  groupBy: MlGrouping;
  /** Restricts the answer to this provider. */
  provider?: string | undefined;
  /** Restricts the answer to this pipeline. */
  pipeline?: string | undefined;
}

export interface MlGroup extends ComparedMlFigures {
  /** Name of the pipeline, provider or operation; null for jobs without one. */
  name: string | null;
  /** Share of all known costs, 0 to 1; null if none is known. */
  costShare: number | null;
}

export interface MlAnswer extends AnswerMetadata {
  granularity: Bucketing;
  groupBy: MlGrouping;
  totals: ComparedMlFigures;
  costsBySource: CostsBySource;
  /** The most frequent failures; `otherErrors` counts the jobs of all other failures. */
  errors: MlError[];
  otherErrors: number;
  /** The group with most jobs first. */
  groups: MlGroup[];
  series: (MlFigures & { bucketStart: string; partial?: true })[];
}

type Row = MlRow & Partial<Record<DimensionColumn, string | null>> & { bucket: number };

const MAX_ERRORS = 50;

/** Outcomes, durations and costs of ML jobs: in total, by group and over time. */
export async function answerMl(database: Queryable, query: MlQuery): Promise<MlAnswer> {
  const { groupBy } = query;
  const result = await queryCompared<Row>(database, query, jobSelection(query), {
    bucketings: bucketingsFor(query),
    bucketingBefore: 'whole',
  });
  const { plan, bucketing, planBefore, rows, rowsBefore, freshness } = result;
  const current = tallyJobs(rows, groupBy, plan);
  const earlier = rowsBefore && planBefore && tallyJobs(rowsBefore, groupBy, planBefore);
  const figures = current.total.figures();
  const errors = current.total.errors();
  return {
    ...metadataOf(query, freshness, result),
    granularity: bucketing,
    groupBy,
    totals: compareFigures(figures, earlier?.total.figures()),
    costsBySource: current.total.costsBySource(),
    errors: errors.slice(0, MAX_ERRORS),
    otherErrors: errors.slice(MAX_ERRORS).reduce((sum, { jobs }) => sum + jobs, 0),
    groups: groupsOf(current.groups, earlier?.groups, figures.costCents),
    series: current.points.map((point, bucket) => ({
      bucketStart: new Date(plan.boundaries[bucket] ?? 0).toISOString(),
      ...partialOf(plan, bucket, query.now),
      ...point,
    })),
  };
}

/** The overview groups by pipeline. */
export function answerMlOverview(database: Queryable, query: AdminQuery): Promise<MlAnswer> {
  return answerMl(database, { ...query, groupBy: 'pipeline' });
}

function jobSelection({ provider, pipeline, groupBy }: MlQuery): RollupSelection {
  return {
    type: mlJob.type,
    filters: {
      ...(provider !== undefined && { provider: alternativesOf(provider) }),
      ...(pipeline !== undefined && { pipeline: alternativesOf(pipeline) }),
    },
    groupBy: ['status', 'error_code', 'cost_source', groupBy],
    columns: ['count', 'value_sum', 'cost', ...sketchColumns],
    // Sums as numbers of JSON: exact up to 2^53, and the nearest number beyond.
    select: `sum(r.count)::float8 as count, sum(r.count) filter (where r.cost is null)::float8 as without_cost,
    sum(r.value_sum)::float8 as value_sum, min(r.value_min) as value_min, max(r.value_max) as value_max,
    sum(r.cost)::float8 as cost, ${sketchesSql} as sketches`,
  };
}

interface MlTallies {
  total: MlTally;
  groups: Map<string | null, MlTally>;
  /** One for each bucket, with or without jobs. */
  points: MlFigures[];
}

/**
 * Sums rows in total, by group and by bucket. Each row is added once, to the tally of its bucket and group, which is then
 * added to the others: merging sketches is most of the work.
 */
function tallyJobs(rows: readonly Row[], groupBy: MlGrouping, plan: ReadPlan): MlTallies {
  const groups = new Map<string | null, MlTally>();
  const total = new MlTally();
  const [point, part] = [new MlTally(), new MlTally()];
  const byBucket = Map.groupBy(rows, ({ bucket }) => bucket);
  const points = plan.boundaries.slice(0, -1).map((_, bucket) => {
    point.clear();
    for (const [name, some] of Map.groupBy(byBucket.get(bucket) ?? [], (row) => row[groupBy] ?? null)) {
      part.clear();
      for (const row of some) part.add(row);
      point.addTally(part);
      const group = groups.get(name) ?? new MlTally();
      groups.set(name, group);
      group.addTally(part);
    }
    total.addTally(point);
    return point.figures();
  });
  return { total, groups, points };
}

function groupsOf(
  current: ReadonlyMap<string | null, MlTally>,
  earlier: ReadonlyMap<string | null, MlTally> | undefined,
  costCents: number | null,
): MlGroup[] {
  // A group whose jobs have ceased is shown too, with its decrease.
  const names = new Set([...current.keys(), ...(earlier?.keys() ?? [])]);
  const nothing = new MlTally();
  const groups = [...names].map((name) => {
    const figures = (current.get(name) ?? nothing).figures();
    return {
      name,
      ...compareFigures(figures, earlier && (earlier.get(name) ?? nothing).figures()),
      costShare: costCents && figures.costCents !== null ? figures.costCents / costCents : null,
    };
  });
  return groups.sort(
    (a, b) => (b.jobs.value ?? 0) - (a.jobs.value ?? 0) || ((a.name ?? '') < (b.name ?? '') ? -1 : 1),
  );
}
