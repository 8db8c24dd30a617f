import type { Database } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { AMOUNT_UNITS_PER_CENT, NANODOLLARS_PER_CENT } from '../../events/field.ts';
import { type SuccessCounts, successCountsOf } from '../../events/success-counts.ts';
import { mlJob } from '../../events/types/ml-job.ts';
import { usage } from '../../events/types/usage.ts';
import { JobNames } from '../../queries/ml/job-names.ts';
import { queryRollups, type SeriesFilters } from '../../queries/reading/query-rollups.ts';
import { queryRollupsByOrg } from '../../queries/reading/query-rollups-by-org.ts';
import type { ReadPlan } from '../../queries/reading/read-plan.ts';
import type { SeriesColumn } from '../../queries/reading/series-columns.ts';
import { Sketch, sketchColumns, sketchesSql } from '../../queries/reading/sketch.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import type { Measurement } from '../decision/observation.ts';
import type { WatchableMetric } from '../rules/metrics.ts';

/** The sums of one group in one bucket of a plan; of one series, for metrics that are merged here instead of in SQL. */
export interface ValueRow {
  bucket: number;
  status?: string | null;
  count: number;
  /** Events of unknown value, which are in no average. */
  unmeasured?: number;
  sum?: number | null;
  least?: number | null;
  most?: number | null;
  sketches?: string | null;
  last?: string[] | null;
}

/** The rows of each group with its org and dimensions, by a key of these. */
export type RowsByGroup = Map<string, { org: string; values: (string | null)[]; rows: ValueRow[] }>;

const MICROS_PER_MS = 1_000;
/** Parts of a metric that are the sum of a column of the rollups. */
export const summedColumns: readonly string[] = [
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'cost',
  'quantity',
];

/** The columns of the rollups that a metric needs. */
export function needsOf({ kind, part, definition }: WatchableMetric): {
  columns: string[];
  select: string;
  ungrouped?: true;
} {
  if (kind === 'percentile') {
    return {
      columns: ['count', ...sketchColumns],
      select: `sum(r.count)::float8 as count, min(r.value_min) as least, max(r.value_max) as most,
        ${sketchesSql} as sketches`,
    };
  }
  if (kind === 'last')
    return { columns: ['count', 'last'], select: 'r.count, r.last::text[] as last', ungrouped: true };
  if (kind === 'extreme') {
    return {
      columns: ['count', 'value_min', 'value_max'],
      select: 'r.count, r.value_min as least, r.value_max as most',
      ungrouped: true,
    };
  }
  const column = summedColumns.includes(part)
    ? part
    : kind === 'average' || part === definition?.value?.name
      ? 'value_sum'
      : undefined;
  const count = 'sum(r.count)::float8 as count';
  if (kind === 'average' && definition === usage) {
    return {
      columns: ['count', 'value_sum', 'without_value'],
      select: `${count}, sum(r.value_sum)::float8 as sum, coalesce(sum(r.without_value), 0)::float8 as unmeasured`,
    };
  }
  if (column === undefined) return { columns: ['count'], select: count };
  return { columns: ['count', column], select: `${count}, sum(r.${column})::float8 as sum` };
}

export function needsStatus({ part }: WatchableMetric): boolean {
  return /^errors$|_rate$/.test(part);
}

export interface ValuesWanted {
  metric: WatchableMetric;
  /** An org, or `ALL_ORGS`; or a list of orgs, each with groups of its own. */
  orgs: string | readonly string[];
  filters: SeriesFilters;
  groupBy: readonly SeriesColumn[];
  plan: ReadPlan;
}

type AskedRow = ValueRow & Partial<Record<SeriesColumn, string | number | null>> & { org_id?: string };

/** Reads the rollups of a metric by group and bucket of the plan, in one statement and so in one snapshot. */
export async function readRollupRows(database: Database, wanted: ValuesWanted): Promise<RowsByGroup> {
  const { metric, orgs, filters, groupBy, plan } = wanted;
  const withStatus = needsStatus(metric) && !groupBy.includes('status');
  const question = {
    type: metric.definition?.type ?? '',
    plan,
    filters: await inEverySpelling(database, metric, filters),
    groupBy: withStatus ? [...groupBy, 'status' as const] : groupBy,
    ...needsOf(metric),
  };
  const rows =
    typeof orgs === 'string'
      ? (await queryRollups<AskedRow>(database, { ...question, orgId: orgs })).rows
      : await queryRollupsByOrg<AskedRow>(database, { ...question, orgIds: orgs });
  const groups: RowsByGroup = new Map();
  for (const row of rows) {
    const org = row.org_id ?? String(orgs);
    const values = groupBy.map((column) => {
      const value = row[column];
      return value === null || value === undefined ? null : String(value);
    });
    const key = JSON.stringify([org, ...values]);
    const group = groups.get(key);
    if (group) group.rows.push(row);
    else groups.set(key, { org, values, rows: [row] });
  }
  return groups;
}

/** Providers and pipelines compare without case, as everywhere. A name that no job has stays, and finds nothing. */
export async function inEverySpelling(
  database: Database,
  { definition }: WatchableMetric,
  filters: SeriesFilters,
): Promise<SeriesFilters> {
  const given = (['provider', 'pipeline'] as const).flatMap((dimension) => {
    const name = filters[dimension];
    return typeof name === 'string' ? [{ dimension, name }] : [];
  });
  if (definition !== mlJob || given.length === 0) return filters;
  const names = await JobNames.read(database, ALL_ORGS);
  const spelt = given.map(({ dimension, name }) => [dimension, names.spellings(dimension, name) ?? name]);
  return { ...filters, ...Object.fromEntries(spelt) };
}

const NOTHING: readonly ValueRow[] = [];

/** The rows of a group by bucket, so that windows of many buckets need no search. */
export function byBucket(rows: readonly ValueRow[]): ReadonlyMap<number, readonly ValueRow[]> {
  const found = new Map<number, ValueRow[]>();
  for (const row of rows) {
    const ofBucket = found.get(row.bucket);
    if (ofBucket) ofBucket.push(row);
    else found.set(row.bucket, [row]);
  }
  return found;
}

/** The value of a metric over a window, which begins and ends at boundaries of the plan. */
export function measureWindow(
  metric: WatchableMetric,
  buckets: ReadonlyMap<number, readonly ValueRow[]>,
  { boundaries }: ReadPlan,
  window: TimeRange,
): Measurement {
  const rows: ValueRow[] = [];
  for (
    let bucket = indexOfBoundary(boundaries, window.start);
    (boundaries[bucket] ?? window.end) < window.end;
    bucket++
  ) {
    rows.push(...(buckets.get(bucket) ?? NOTHING));
  }
  return measure(metric, rows);
}

function indexOfBoundary(boundaries: readonly number[], at: number): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((boundaries[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const scratch = new Sketch();

/** The value of a metric, in its unit, from the rows of a group. */
export function measure(metric: WatchableMetric, rows: readonly ValueRow[]): Measurement {
  const { kind, part } = metric;
  const samples = rows.reduce((total, row) => total + row.count, 0);
  if (kind === 'sum') {
    if (part === 'count') return { value: samples, samples };
    if (part === 'errors') return { value: successCounts(metric, rows).failed, samples };
    const sum = rows.reduce((total, row) => total + (row.sum ?? 0), 0);
    return { value: metric.unit === 'cents' ? sum / unitsPerCent(part) : sum, samples };
  }
  if (kind === 'ratio') return measureShare(part, successCounts(metric, rows));
  if (samples === 0) return { value: null, samples: 0 };
  if (kind === 'last') return { value: lastOf(rows), samples };
  return { value: statistic(metric, rows, samples), samples };
}

/** Costs are kept more exactly than amounts of orders. */
function unitsPerCent(part: string): number {
  return part === 'cost' ? NANODOLLARS_PER_CENT : AMOUNT_UNITS_PER_CENT;
}

function successCounts({ definition }: WatchableMetric, rows: readonly ValueRow[]): SuccessCounts {
  return successCountsOf(
    definition ?? { failures: [] },
    rows.map(({ status = null, count }) => [status, count]),
  );
}

/** A share of the events that succeeded or failed: other events are no samples. */
function measureShare(part: string, { succeeded, failed }: SuccessCounts): Measurement {
  const samples = succeeded + failed;
  if (samples === 0) return { value: null, samples: 0 };
  return { value: (part === 'success_rate' ? succeeded : failed) / samples, samples };
}

/** The level that was reported last. Each row has a moment and the level then. */
function lastOf(rows: readonly ValueRow[]): number | null {
  let latest = Number.NEGATIVE_INFINITY;
  let level: number | null = null;
  for (const { last } of rows) {
    const at = Number(last?.[0] ?? Number.NaN);
    if (at >= latest) {
      latest = at;
      level = Number(last?.[1]);
    }
  }
  return level;
}

function statistic(
  { kind, part, unit }: WatchableMetric,
  rows: readonly ValueRow[],
  samples: number,
): number | null {
  const perUnit = unit === 'cents' ? unitsPerCent(part) : MICROS_PER_MS;
  if (kind === 'average') {
    const measured = samples - rows.reduce((total, row) => total + (row.unmeasured ?? 0), 0);
    return measured === 0
      ? null
      : rows.reduce((total, row) => total + (row.sum ?? 0), 0) / measured / perUnit;
  }
  if (kind === 'extreme') {
    const found = rows
      .map((row) => (part.endsWith('_min') ? row.least : row.most))
      .filter((value) => value != null);
    if (found.length === 0) return null;
    return found.reduce((a, b) => (part.endsWith('_min') ? Math.min(a, b) : Math.max(a, b))) / perUnit;
  }
  scratch.clear();
  for (const row of rows) scratch.add(row.sketches ?? null, row.least ?? null, row.most ?? null);
  // Orders of an earlier version have no sketch. Percentiles of the others alone would be wrong.
  if (unit === 'cents' && scratch.size < samples) return null;
  const value = scratch.quantile(Number(part.slice(part.lastIndexOf('_p') + 2)) / 100);
  return value === null ? null : value / perUnit;
}
