import type { Queryable } from '../../database/pool.ts';
import { rollupRowsSql } from '../../rollups/rows/rollup-rows.ts';
import { filterSql, type RollupQuery, wantedRows } from './query-rollups.ts';
import { MAX_POINTS, refuseTooMany } from './read-plan.ts';
import { namedSeriesSql } from './series-columns.ts';
import type { TimeRange } from './time-buckets.ts';
import { type AddParameter, queryWithWaitingWork } from './waiting-work.ts';

/** Rollup rows in which groups are counted. Reading so many takes tens of milliseconds. */
const ROWS_COUNTED = 50_000;

/**
 * The most groups times buckets that are read. An answer shows the largest groups and adds up the others, but each has to
 * be read for that.
 */
const MOST_READ = 20 * MAX_POINTS;

/** The groups that a query of rollups would read. */
export type GroupedQuery = Pick<RollupQuery, 'orgId' | 'type' | 'plan' | 'filters' | 'groupBy'>;

/**
 * Refuses a question about too many groups, before their numbers are read. It counts at first the series of the org,
 * which are at least as many as the groups. Only if these are too many it counts groups, in the first rows of the range.
 * So it refuses nothing that fits; a question that passes may still have too many groups in later rows.
 * @throws {CodedError} `too_many_points`
 */
export async function refuseManyGroups(
  database: Queryable,
  query: GroupedQuery,
  range: TimeRange,
): Promise<void> {
  if (query.groupBy.length === 0) return;
  const buckets = query.plan.boundaries.length - 1;
  const mostGroups = Math.floor(MOST_READ / buckets);
  if (!(await hasMoreSeries(database, query, mostGroups))) return;
  const groups = await countGroups(database, query);
  if (groups > mostGroups) refuseTooMany(buckets, range, groups);
}

/** The filters of a query, each after an `and`. */
function andFilters({ filters }: GroupedQuery, parameter: AddParameter): string {
  return filterSql(filters, parameter)
    .map((condition) => ` and ${condition}`)
    .join('');
}

async function hasMoreSeries(database: Queryable, query: GroupedQuery, most: number): Promise<boolean> {
  const values: unknown[] = [query.orgId, query.type, most + 1];
  const { rows } = await database.query<{ series: number }>(
    `select count(*)::int as series from (
       select 1 from analytics.series s where s.org_id = $1 and s.type = $2${andFilters(query, (value) => `$${values.push(value)}`)} limit $3
     ) as s`,
    values,
  );
  return (rows[0]?.series ?? 0) > most;
}

async function countGroups(database: Queryable, query: GroupedQuery): Promise<number> {
  const { orgId, type, plan, groupBy } = query;
  const { rows } = await queryWithWaitingWork(database, orgId, (waitingFor) => {
    const values: unknown[] = [orgId, type];
    const parameter = (value: unknown) => `$${values.push(value)}`;
    const waiting = waitingFor(parameter);
    const wanted = wantedRows(plan, parameter, 'one');
    return database.query<{ groups: number }>(
      `select count(*)::int as groups from (
         select distinct ${groupBy.map(namedSeriesSql).join(', ')}
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
