import type { Pool } from 'pg';
import type { DimensionColumn } from '../../events/columns.ts';
import { rollupRowsSql } from '../../rollups/rows/rollup-rows.ts';
import { wantedRows } from '../reading/query-rollups.ts';
import { MAX_POINTS, type ReadPlan, refuseTooMany } from '../reading/read-plan.ts';
import { waitingWork } from '../reading/waiting-work.ts';
import { groupColumns } from './grouped-series.ts';
import { type SeriesQuery, seriesFiltersOf } from './series-query.ts';

/** Rollup rows in which groups are counted. Reading so many takes tens of milliseconds. */
const ROWS_COUNTED = 50_000;

/**
 * Refuses a question whose answer would have too many points, before its numbers are read. It counts at first the series
 * of the org, which are at least as many as the groups. Only if these are too many it counts groups, in the first rows of
 * the range. So it refuses nothing that fits; a question that passes may still have too many groups in later rows.
 * @throws {CodedError} `too_many_points`
 */
export async function refuseManyGroups(
  pool: Pool,
  query: SeriesQuery,
  type: string,
  plan: ReadPlan,
): Promise<void> {
  const [column] = groupColumns(query.groupBy);
  if (column === undefined) return;
  const buckets = plan.boundaries.length - 1;
  const mostGroups = Math.floor(MAX_POINTS / buckets);
  if (!(await hasMoreSeries(pool, query, type, mostGroups))) return;
  refuseTooMany(buckets, query.range, await countGroups(pool, query, type, { plan, column }));
}

/** Conditions on `analytics.series`, whose values are parameters. */
function conditionsOf(query: SeriesQuery, parameter: (value: unknown) => string): string {
  const filters = Object.entries(seriesFiltersOf(query));
  return filters.map(([column, value]) => ` and s.${column} = ${parameter(value)}`).join('');
}

async function hasMoreSeries(pool: Pool, query: SeriesQuery, type: string, most: number): Promise<boolean> {
  const values: unknown[] = [query.orgId, type, most + 1];
  const conditions = conditionsOf(query, (value) => `$${values.push(value)}`);
  const { rows } = await pool.query<{ series: number }>(
    `select count(*)::int as series from (
       select from analytics.series s where s.org_id = $1 and s.type = $2${conditions} limit $3
     ) as s`,
    values,
  );
  return (rows[0]?.series ?? 0) > most;
}

async function countGroups(
  pool: Pool,
  query: SeriesQuery,
  type: string,
  { plan, column }: { plan: ReadPlan; column: DimensionColumn },
): Promise<number> {
  const values: unknown[] = [query.orgId, type];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const waiting = await waitingWork(pool, query.orgId, parameter);
  const wanted = wantedRows(plan, parameter);
  const { rows } = await pool.query<{ groups: number }>(
    `select count(*)::int as groups from (
       select distinct s.${column}
       from (
         select r.series_id
         from (${rollupRowsSql(wanted, ['series_id'], 'r.org_id = $1 and r.type = $2', waiting.folds)}) as r
         limit ${ROWS_COUNTED}
       ) as r
       join analytics.series s on s.org_id = $1 and s.type = $2 and s.series_id = r.series_id${conditionsOf(query, parameter)}
     ) as g`,
    values,
  );
  return rows[0]?.groups ?? 0;
}
