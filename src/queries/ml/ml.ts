import type { Queryable } from '../../database/pool.ts';
import { isLabelName, type LabelName } from '../../events/labels.ts';
import { mlJob } from '../../events/types/ml-job.ts';
import { type AdminQuery, type AnswerMetadata, bucketingsFor, metadataOf } from '../reading/admin-query.ts';
import { inKeptZone } from '../reading/kept-zone.ts';
import { partialOf } from '../reading/partial-bucket.ts';
import { queryCompared, type RollupSelection } from '../reading/query-compared.ts';
import type { SeriesFilters } from '../reading/query-rollups.ts';
import type { ReadPlan } from '../reading/read-plan.ts';
import type { SeriesColumn } from '../reading/series-columns.ts';
import { sketchColumns, sketchesSql } from '../reading/sketch.ts';
import { type ShownBucketing, shownAs } from '../reading/time-buckets.ts';
import { JobNames } from './job-names.ts';
import { type GroupName, largestValues, REST } from './largest-values.ts';
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
/** The dimension or label that an answer groups jobs by. */
export type MlGrouping = (typeof mlGroupings)[number] | LabelName;

export interface MlQuery extends AdminQuery {
  groupBy: MlGrouping;
  /** Restricts the answer to this provider, or to several that commas separate. Case does not matter, also below. */
  provider?: string | undefined;
  /** Restricts the answer to this pipeline, or to several. */
  pipeline?: string | undefined;
}

export interface MlGroup extends ComparedMlFigures {
  /** Name of the pipeline, provider or operation, or value of the label; null for jobs without one, and for the rest. */
  name: string | null;
  /** The group adds up all groups of a label beyond `MOST_LABEL_GROUPS`. */
  rest?: true;
  /** Share of all known costs, 0 to 1; null if none is known. */
  costShare: number | null;
}

export interface MlAnswer extends AnswerMetadata {
  granularity: ShownBucketing;
  groupBy: MlGrouping;
  /** The values of filters that no stored job has, such as `provider=tripoo`. */
  unknownFilters: string[];
  totals: ComparedMlFigures;
  costsBySource: CostsBySource;
  /** The most frequent failures; `otherErrors` counts the jobs of all other failures. */
  errors: MlError[];
  otherErrors: number;
  /** The group with most jobs first. */
  groups: MlGroup[];
  series: (MlFigures & { bucketStart: string; partial?: true })[];
}

type Row = MlRow & Partial<Record<SeriesColumn, string | null>> & { bucket: number };

const MAX_ERRORS = 50;
/** The most values of a label that an answer shows one by one, those with most jobs. */
const MOST_LABEL_GROUPS = 100;

/** Outcomes, durations and costs of ML jobs: in total, by group and over time. */
export async function answerMl(database: Queryable, asked: MlQuery): Promise<MlAnswer> {
  const query = inKeptZone(asked, bucketingsFor(asked));
  const { groupBy } = query;
  const names = await JobNames.read(database, query.orgId);
  const { filters, unknownFilters } = filtersOf(query, names);
  const result = await queryCompared<Row>(database, query, jobSelection(groupBy, filters), {
    bucketings: bucketingsFor(query),
    bucketingBefore: 'whole',
    counted: [groupBy],
  });
  const { plan, bucketing, planBefore, rows, rowsBefore, freshness } = result;
  const nameOf = (row: Row) => names.shown(groupBy, row[groupBy] ?? null);
  const groupOf = isLabelName(groupBy)
    ? largestValues([...rows, ...(rowsBefore ?? [])], nameOf, MOST_LABEL_GROUPS)
    : nameOf;
  const current = tallyJobs(rows, groupOf, plan);
  const earlier = rowsBefore && planBefore && tallyJobs(rowsBefore, groupOf, planBefore);
  const figures = current.total.figures();
  const errors = current.total.errors();
  return {
    ...metadataOf(query, freshness, result),
    granularity: shownAs(bucketing),
    groupBy,
    unknownFilters,
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

function filtersOf({ provider, pipeline }: MlQuery, names: JobNames) {
  const filters: SeriesFilters = {};
  const unknownFilters: string[] = [];
  for (const [dimension, given] of [
    ['provider', provider],
    ['pipeline', pipeline],
  ] as const) {
    if (given === undefined) continue;
    const { stored, unknown } = names.filter(dimension, given);
    filters[dimension] = stored;
    unknownFilters.push(...unknown.map((value) => `${dimension}=${value}`));
  }
  return { filters, unknownFilters };
}

function jobSelection(groupBy: MlGrouping, filters: SeriesFilters): RollupSelection {
  return {
    type: mlJob.type,
    filters,
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
  groups: Map<GroupName, MlTally>;
  /** One for each bucket, with or without jobs. */
  points: MlFigures[];
}

/**
 * Sums rows in total, by group and by bucket. Each row is added once, to the tally of its bucket and group, which is then
 * added to the others: merging sketches is most of the work.
 */
function tallyJobs(rows: readonly Row[], groupOf: (row: Row) => GroupName, plan: ReadPlan): MlTallies {
  const groups = new Map<GroupName, MlTally>();
  const total = new MlTally();
  const [point, part] = [new MlTally(), new MlTally()];
  const byBucket = Map.groupBy(rows, ({ bucket }) => bucket);
  const points = plan.boundaries.slice(0, -1).map((_, bucket) => {
    point.clear();
    for (const [name, some] of Map.groupBy(byBucket.get(bucket) ?? [], groupOf)) {
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
  current: ReadonlyMap<GroupName, MlTally>,
  earlier: ReadonlyMap<GroupName, MlTally> | undefined,
  costCents: number | null,
): MlGroup[] {
  // A group whose jobs have ceased is shown too, with its decrease.
  const names = new Set([...current.keys(), ...(earlier?.keys() ?? [])]);
  const nothing = new MlTally();
  const groups = [...names].map((name) => {
    const figures = (current.get(name) ?? nothing).figures();
    return {
      name: name === REST ? null : name,
      ...(name === REST && { rest: true as const }),
      ...compareFigures(figures, earlier && (earlier.get(name) ?? nothing).figures()),
      costShare: costCents && figures.costCents !== null ? figures.costCents / costCents : null,
    };
  });
  return groups.sort(
    (a, b) => (b.jobs.value ?? 0) - (a.jobs.value ?? 0) || ((a.name ?? '') < (b.name ?? '') ? -1 : 1),
  );
}
