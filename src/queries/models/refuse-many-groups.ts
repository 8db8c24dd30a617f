import type { Pool } from 'pg';
import { rollupRowsSql } from '../../rollups/rows/rollup-rows.ts';
import { filterSql, wantedRows } from '../reading/query-rollups.ts';
import { MAX_POINTS, type ReadPlan, refuseTooMany } from '../reading/read-plan.ts';
import { namedSeriesSql, type SeriesColumn } from '../reading/series-columns.ts';
import { type AddParameter, queryWithWaitingWork } from '../reading/waiting-work.ts';
import { groupColumns } from './grouped-series.ts';
import { type SeriesQuery, seriesFiltersOf } from './series-query.ts';

/** Rollup rows in which groups are counted. Reading so many takes tens of milliseconds. */
const ROWS_COUNTED = 50_000;

/**
 * The most groups times buckets that are read. An answer shows the largest groups and adds up the others, but each has to
 * be read for that.
 */
const MOST_READ = 20 * MAX_POINTS;

/**
 * Refuses a question about too many groups, before their numbers are read. It counts at first the series of the org,
 * which are at least as many as the groups. Only if these are too many it counts groups, in the first rows of the range.
 * So it refuses nothing that fits; a question that passes may still have too many groups in later rows.
 * @throws {CodedError} `too_many_points`
 */
export async function refuseManyGroups(
  pool: Pool,
  query: SeriesQuery,
  type: string,
  plan: ReadPlan,
): Promise<void> {
  const columns = groupColumns(query.groupBy);
  if (columns.length === 0) return;
  const buckets = plan.boundaries.length - 1;
  const mostGroups = Math.floor(MOST_READ / buckets);
  if (!(await hasMoreSeries(pool, query, type, mostGroups))) return;
  const groups = await countGroups(pool, query, type, { plan, columns });
  if (groups > mostGroups) refuseTooMany(buckets, query.range, groups);
}

/** The filters of a query, each after an `and`. */
function andFilters(query: SeriesQuery, parameter: AddParameter): string {
  return filterSql(seriesFiltersOf(query), parameter)
    .map((condition) => ` and ${condition}`)
    .join('');
}

async function hasMoreSeries(pool: Pool, query: SeriesQuery, type: string, most: number): Promise<boolean> {
  const values: unknown[] = [query.orgId, type, most + 1];
  const { rows } = await pool.query<{ series: number }>(
    `select count(*)::int as series from (
       select 1 from analytics.series s where s.org_id = $1 and s.type = $2${andFilters(query, (value) => `$${values.push(value)}`)} limit $3
     ) as s`,
    values,
  );
  return (rows[0]?.series ?? 0) > most;
}

async function countGroups(
  pool: Pool,
  query: SeriesQuery,
  type: string,
  { plan, columns }: { plan: ReadPlan; columns: readonly SeriesColumn[] },
): Promise<number> {
  const { rows } = await queryWithWaitingWork(pool, query.orgId, (waitingFor) => {
    const values: unknown[] = [query.orgId, type];
    const parameter = (value: unknown) => `$${values.push(value)}`;
    const waiting = waitingFor(parameter);
    const wanted = wantedRows(plan, parameter, 'one');
    return pool.query<{ groups: number }>(
      `select count(*)::int as groups from (
         select distinct ${columns.map(namedSeriesSql).join(', ')}
         from (
           select r.series_id
           from (${rollupRowsSql(wanted, ['series_id'], 'r.org_id = $1 and r.type = $2', waiting.folds)}) as r
           limit ${ROWS_COUNTED}
         ) as r
         join analytics.series s on s.org_id = $1 and s.type = $2 and s.series_id = r.series_id${andFilters(query, parameter)}
       ) as g`,
      values,
    );
  });
  return rows[0]?.groups ?? 0;
}
