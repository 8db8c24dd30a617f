import type { Queries } from '../../database/pool.ts';
import type { DimensionColumn } from '../../events/columns.ts';
import { mlJob } from '../../events/types/ml-job.ts';
import { type AdminFrame, type AdminQuestion, bucketingsFor, frameOf } from '../reading/admin-question.ts';
import { askCompared, type RowsAsked } from '../reading/ask-compared.ts';
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
/** What the jobs of an answer are kept apart by, beside time. */
type MlGrouping = (typeof mlGroupings)[number];

export interface MlQuestion extends AdminQuestion {
  groupBy: MlGrouping;
  /** Only jobs of this provider, pipeline. */
  provider?: string | undefined;
  pipeline?: string | undefined;
}

export interface MlGroup extends ComparedMlFigures {
  /** Of the pipeline, provider or operation; null where jobs name none. */
  name: string | null;
  /** Of all costs that are known, 0 to 1; null where there are none. */
  costShare: number | null;
}

export interface MlAnswer extends AdminFrame {
  granularity: Bucketing;
  groupBy: MlGrouping;
  totals: ComparedMlFigures;
  costsBySource: CostsBySource;
  /** The most frequent failures; `otherErrors` counts the jobs of the rest. */
  errors: MlError[];
  otherErrors: number;
  /** The one with most jobs first. */
  groups: MlGroup[];
  series: (MlFigures & { bucketStart: string })[];
}

type Row = MlRow & Partial<Record<DimensionColumn, string | null>> & { bucket: number };

const MOST_ERRORS = 50;

/** How jobs of ML pipelines went and what they cost, in all, by group and over time. */
export async function answerMl(database: Queries, question: MlQuestion): Promise<MlAnswer> {
  const { groupBy } = question;
  const asked = await askCompared<Row>(
    database,
    question,
    bucketingsFor(question),
    jobsOf(question),
    'whole',
  );
  const { plan, bucketing, planBefore, rows, rowsBefore, freshness } = asked;
  const current = addUp(rows, groupBy, plan);
  const earlier = rowsBefore && planBefore && addUp(rowsBefore, groupBy, planBefore);
  const figures = current.total.figures();
  const errors = current.total.errors();
  return {
    ...frameOf(question, freshness, asked),
    granularity: bucketing,
    groupBy,
    totals: compareFigures(figures, earlier?.total.figures()),
    costsBySource: current.total.costsBySource(),
    errors: errors.slice(0, MOST_ERRORS),
    otherErrors: errors.slice(MOST_ERRORS).reduce((sum, { jobs }) => sum + jobs, 0),
    groups: groupsOf(current.groups, earlier?.groups, figures.costCents),
    series: current.points.map((point, bucket) => ({
      bucketStart: new Date(plan.boundaries[bucket] ?? 0).toISOString(),
      ...point,
    })),
  };
}

/** The overview, by pipeline. */
export function answerMlOverview(database: Queries, question: AdminQuestion): Promise<MlAnswer> {
  return answerMl(database, { ...question, groupBy: 'pipeline' });
}

function jobsOf({ provider, pipeline, groupBy }: MlQuestion): RowsAsked {
  return {
    type: mlJob.type,
    filters: {
      ...(provider !== undefined && { provider }),
      ...(pipeline !== undefined && { pipeline }),
    },
    groupBy: ['status', 'error_code', 'cost_source', groupBy],
    columns: ['count', 'value_sum', 'cost', ...sketchColumns],
    // Sums as numbers of JSON: exact up to 2^53, the nearest one beyond.
    select: `sum(r.count)::float8 as count, sum(r.count) filter (where r.cost is null)::float8 as without_cost,
    sum(r.value_sum)::float8 as value_sum, min(r.value_min) as value_min, max(r.value_max) as value_max,
    sum(r.cost)::float8 as cost, ${sketchesSql} as sketches`,
  };
}

interface AddedUp {
  total: MlTally;
  groups: Map<string | null, MlTally>;
  /** One a bucket, also of those without jobs. */
  points: MlFigures[];
}

/**
 * Adds rows up in all, by group and by bucket. Each is added once, to what its bucket and group have in
 * common, and that goes on into the others: adding the sketches up is most of the work.
 */
function addUp(rows: readonly Row[], groupBy: MlGrouping, plan: ReadPlan): AddedUp {
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
  // One that had jobs before and has none now is shown with its fall.
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
