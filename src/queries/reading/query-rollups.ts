import type { Queryable } from '../../database/pool.ts';
import { grains } from '../../rollups/grains.ts';
import { type RowsWanted, rollupRowsSql } from '../../rollups/rows/rollup-rows.ts';
import { span } from '../../telemetry/traces.ts';
import { type Freshness, type FreshnessRow, freshnessOf, freshnessSql } from './freshness.ts';
import type { ReadPlan } from './read-plan.ts';
import { namedSeriesSql, type SeriesColumn, seriesNameSql, seriesValueSql } from './series-columns.ts';
import type { TimeRange } from './time-buckets.ts';
import { type AddParameter, queryWithWaitingWork, type WaitingWork } from './waiting-work.ts';

export type SeriesFilters = Partial<Record<SeriesColumn, string | readonly string[]>>;

/** The conditions of filters on `analytics.series s`. */
export function filterSql(filters: SeriesFilters, parameter: AddParameter): string[] {
  return Object.entries(filters).map(([column, value]) => {
    const held = seriesValueSql(column as SeriesColumn);
    return typeof value === 'string'
      ? `${held} = ${parameter(value)}`
      : `${held} = any(${parameter(value)}::text[])`;
  });
}

/** A query of the rollups of one type, for one org. */
export interface RollupQuery {
  orgId: string;
  type: string;
  plan: ReadPlan;
  /** Restricts the series to those whose dimension has this value, or one of these. */
  filters: SeriesFilters;
  /** Dimensions to group by, besides the bucket. */
  groupBy: readonly SeriesColumn[];
  /** Columns of the rollups that `select` uses. */
  columns: readonly string[];
  /** Further columns of each rollup row: SQL over `r`, by name. They are added up like the others. */
  computed?: Readonly<Record<string, string>>;
  /** Output columns, made of `r.…`; aggregates unless `ungrouped`. */
  select: string;
  /** One row for each rollup row, not for each bucket and group: the caller aggregates them itself. */
  ungrouped?: true;
}

export interface RollupResult<Row> {
  /** `bucket` is the index of the bucket in the plan. A row of a group has the dimension's value, or null. */
  rows: (Row & { bucket: number })[];
  freshness: Freshness;
}

/** Of many orgs, up to this many segments of a grain are listed one by one: the ends of a range and of an earlier one. */
const FEW_SEGMENTS = 4;
/** Freshness is a row of its own: repeated in each of thousands of rows, it took longer to read than the rows. */
const FRESHNESS_ROW = -1;

/** Runs one statement, so that the numbers and their freshness come from the same snapshot. */
export function queryRollups<Row>(database: Queryable, query: RollupQuery): Promise<RollupResult<Row>> {
  return queryWithWaitingWork(database, query.orgId, (waitingFor) =>
    queryOnce<Row>(database, query, waitingFor),
  );
}

async function queryOnce<Row>(
  database: Queryable,
  query: RollupQuery,
  waitingFor: (parameter: AddParameter) => WaitingWork,
): Promise<RollupResult<Row>> {
  const { plan, columns } = query;
  const values: unknown[] = [query.orgId, query.type, plan.boundaries.map((boundary) => new Date(boundary))];
  const parameter: AddParameter = (value) => `$${values.push(value)}`;
  const waiting = waitingFor(parameter);
  const rowColumns = ['series_id', 'bucket_start', ...columns];
  const sql = `
    with rows as (${withComputed(
      rollupRowsSql(
        wantedRows(plan, parameter, 'one'),
        rowColumns,
        'r.org_id = $1 and r.type = $2',
        waiting.folds,
      ),
      query,
    )}),
    numbers as (${numbersSql(query, parameter)}),
    freshness as (select ${FRESHNESS_ROW} as bucket, f.* from (${freshnessSql(waiting)}) as f)
    select * from freshness full join numbers using (bucket)`;
  const result = await span('query rollups', { type: query.type, segments: plan.segments.length }, () =>
    database.query<Row & FreshnessRow & { bucket: number }>(sql, values),
  );
  return {
    rows: result.rows.filter((row) => row.bucket !== FRESHNESS_ROW),
    freshness: freshnessOf(result.rows.find((row) => row.bucket === FRESHNESS_ROW)),
  };
}

function withComputed(rows: string, { computed = {} }: RollupQuery): string {
  const added = Object.entries(computed).map(([name, sql]) => `, ${sql} as ${name}`);
  return added.length === 0 ? rows : `select r.*${added.join('')} from (${rows}) as r`;
}

/**
 * The rollup rows that a plan reads. Those of one org are looked up range by range, because PostgreSQL estimates badly
 * how many there are: as if all orgs were of one age. Given plain comparisons, PostgreSQL 18 skipped through the index
 * of folds. Of an org that was older than the others it then read all days: 139,000 rows for 10,000.
 * @param orgs whether of one org, or of many
 */
export function wantedRows(plan: ReadPlan, parameter: AddParameter, orgs: 'one' | 'many'): RowsWanted[] {
  return grains.flatMap((grain) => {
    const segments = plan.segments.filter((segment) => segment.grain === grain);
    if (segments.length > 0 && (orgs === 'one' || segments.length > FEW_SEGMENTS)) {
      const ranges = `${parameter(multirange(segments))}::tstzmultirange`;
      return [{ grain, condition: `r.bucket_start <@ ${ranges}`, ranges, inTurn: orgs === 'one' }];
    }
    // Plain comparisons, because Citus cannot look up many orgs in turn. Given two ranges as one multirange, the planner
    // searched all hours of an org.
    return segments.map((segment) => {
      const [start, end] = [parameter(new Date(segment.start)), parameter(new Date(segment.end))];
      return { grain, condition: `r.bucket_start >= ${start} and r.bucket_start < ${end}` };
    });
  });
}

function multirange(segments: readonly TimeRange[]): string {
  const iso = (millis: number) => new Date(millis).toISOString();
  return `{${segments.map(({ start, end }) => `[${iso(start)},${iso(end)})`)}}`;
}

function numbersSql(query: RollupQuery, parameter: AddParameter): string {
  const { filters, groupBy, columns, computed = {}, select, ungrouped } = query;
  const matches = filterSql(filters, parameter);
  const groups = groupBy.map((column) => `s.${seriesNameSql(column)}`);
  const bucket = 'width_bucket(r.bucket_start, $3::timestamptz[]) - 1 as bucket';
  const ofSeries = `(
    select ${['s.series_id', ...groupBy.map(namedSeriesSql)].join(', ')} from analytics.series s
    where ${['s.org_id = $1', 's.type = $2', ...matches].join(' and ')}) as s`;
  const needsSeries = groups.length > 0 || matches.length > 0;
  const rows = needsSeries ? withinBoth('rows r', ofSeries, 'r.series_id', 's.series_id') : 'rows r';
  if (ungrouped) return `select ${[bucket, ...groups, select].join(', ')} from ${rows}`;
  if (groups.length > 0) return groupedSql(groups, bucket, select, ofSeries);
  // Sketches cannot be added up in SQL.
  if (columns.includes('sketch')) return `select ${bucket}, ${select} from ${rows} group by 1`;
  // Groups by the bucket of the rollup first. There are few of them, so few look up their bucket in the answer.
  const sums = [...columns, ...Object.keys(computed)].map((column) => `sum(r.${column}) as ${column}`);
  return `
    select ${bucket}, ${select}
    from (select r.bucket_start, ${sums.join(', ')} from ${rows} group by r.bucket_start) as r
    group by 1`;
}

/**
 * Joins two sides by numbers, so that PostgreSQL can only hash or merge them, as nothing else makes a full join. Of an org
 * that is new since the last statistics it expects one row. An inner join then read all series again for each of
 * 20,000 rows. Of the comparison with 1 it expects a third of the rows, and of an equality one in 200: it sorted rows
 * then, where it now hashes them.
 */
function withinBoth(left: string, right: string, ofLeft: string, ofRight: string): string {
  return `${left} full join ${right} on ${ofRight} = ${ofLeft} where num_nulls(${ofLeft}, ${ofRight}) < 1`;
}

/**
 * Groups by the number of one series of each group: sorting 30,000 rows by the names of four dimensions took half of the
 * time. Sums are taken in one step. A series has about as many rows as there are buckets, so a first step by series
 * would save little. Its sums would also be numerics, which are slow to add.
 */
function groupedSql(groups: readonly string[], bucket: string, select: string, ofSeries: string): string {
  const first = `(
    select s.series_id, min(s.series_id) over (partition by ${groups.join(', ')}) as first from ${ofSeries}) as g`;
  return `
    select n.*, ${groups.join(', ')}
    from ${withinBoth(
      `(
      select ${bucket}, g.first, ${select}
      from ${withinBoth('rows r', first, 'r.series_id', 'g.series_id')}
      group by 1, 2) as n`,
      ofSeries,
      'n.first',
      's.series_id',
    )}`;
}
