import type { Queries } from '../../database/pool.ts';
import type { DimensionColumn } from '../../events/columns.ts';
import { grains } from '../../rollups/grains.ts';
import { type RowsWanted, rollupRowsSql } from '../../rollups/rows/rollup-rows.ts';
import { span } from '../../telemetry/traces.ts';
import { type Freshness, type FreshnessRow, freshnessOf, freshnessSql } from './freshness.ts';
import type { ReadPlan } from './read-plan.ts';
import type { TimeRange } from './time-buckets.ts';
import { type AddParameter, askWithWaitingWork, type WaitingWork } from './waiting-work.ts';

/** A question to the rollups of one type of an org. */
export interface RollupQuestion {
  orgId: string;
  type: string;
  plan: ReadPlan;
  /** Only series whose dimension has this value. */
  filters: Partial<Record<DimensionColumn, string>>;
  /** Dimensions that rows are kept apart by, beside the bucket. */
  groupBy: readonly DimensionColumn[];
  /** What of the rollups the answer needs. */
  columns: readonly string[];
  /** Output columns over those of the rollups, `r.…`; with aggregates unless `ungrouped`. */
  select: string;
  /** One row per rollup row, not per bucket and group: for what the caller puts together. */
  ungrouped?: true;
}

export interface Answer<Row> {
  /** `bucket` is the index of the bucket in the plan; groups have the dimension's value or null. */
  rows: (Row & { bucket: number })[];
  freshness: Freshness;
}

/** Up to so many at one grain are asked for one by one: the ends of a range, and of the one compared with. */
const FEW_SEGMENTS = 4;
/** Freshness comes as a row of its own: reading it with each of thousands of rows took longer than the rows. */
const FRESHNESS_ROW = -1;

/** Asks once, so that the numbers and how fresh they are come from the same snapshot. */
export function askRollups<Row>(database: Queries, question: RollupQuestion): Promise<Answer<Row>> {
  return askWithWaitingWork(database, question.orgId, (waitingFor) =>
    askOnce<Row>(database, question, waitingFor),
  );
}

async function askOnce<Row>(
  database: Queries,
  question: RollupQuestion,
  waitingFor: (parameter: AddParameter) => WaitingWork,
): Promise<Answer<Row>> {
  const { plan, columns } = question;
  const values: unknown[] = [
    question.orgId,
    question.type,
    plan.boundaries.map((boundary) => new Date(boundary)),
  ];
  const parameter: AddParameter = (value) => `$${values.push(value)}`;
  const waiting = waitingFor(parameter);
  const rowColumns = ['series_id', 'bucket_start', ...columns];
  const sql = `
    with rows as (${rollupRowsSql(wantedRows(plan, parameter), rowColumns, 'r.org_id = $1 and r.type = $2', waiting.folds)}),
    numbers as (${numbersSql(question, parameter)}),
    freshness as (select ${FRESHNESS_ROW} as bucket, f.* from (${freshnessSql(waiting)}) as f)
    select * from freshness full join numbers using (bucket)`;
  const result = await span('query rollups', { type: question.type, segments: plan.segments.length }, () =>
    database.query<Row & FreshnessRow & { bucket: number }>(sql, values),
  );
  return {
    rows: result.rows.filter((row) => row.bucket !== FRESHNESS_ROW),
    freshness: freshnessOf(result.rows.find((row) => row.bucket === FRESHNESS_ROW)),
  };
}

/** The rows that a plan is read from. */
export function wantedRows(plan: ReadPlan, parameter: AddParameter): RowsWanted[] {
  return grains.flatMap((grain) => {
    const segments = plan.segments.filter((segment) => segment.grain === grain);
    if (segments.length > FEW_SEGMENTS) {
      const ranges = `${parameter(multirange(segments))}::tstzmultirange`;
      return [{ grain, condition: `r.bucket_start <@ ${ranges}`, ranges }];
    }
    // Plainly, as the planner estimates this far better: two ranges, handed over as one value, it looked for among all
    // hours of the org that there are.
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

function numbersSql(question: RollupQuestion, parameter: AddParameter): string {
  const { filters, groupBy, columns, select, ungrouped } = question;
  const matches = Object.entries(filters).map(([column, value]) => `s.${column} = ${parameter(value)}`);
  const groups = groupBy.map((column) => `s.${column}`);
  const bucket = 'width_bucket(r.bucket_start, $3::timestamptz[]) - 1 as bucket';
  const ofSeries = ['s.org_id = $1', 's.type = $2', ...matches].join(' and ');
  const needsSeries = groups.length > 0 || matches.length > 0;
  const rows = needsSeries
    ? `rows r join analytics.series s on s.series_id = r.series_id and ${ofSeries}`
    : 'rows r';
  if (ungrouped) return `select ${[bucket, ...groups, select].join(', ')} from ${rows}`;
  if (groups.length > 0) return groupedSql(groups, bucket, select, ofSeries);
  // Sketches are no sums.
  if (columns.includes('sketch')) return `select ${bucket}, ${select} from ${rows} group by 1`;
  // By the buckets of rollups first: there are few of them, and only they look for theirs in the answer.
  const sums = columns.map((column) => `sum(r.${column}) as ${column}`);
  return `
    select ${bucket}, ${select}
    from (select r.bucket_start, ${sums.join(', ')} from ${rows} group by r.bucket_start) as r
    group by 1`;
}

/**
 * Each group by the number of one of its series: 30,000 rows sorted by the names of four dimensions took half of the
 * time. Their sums are taken at once: a series has about as many rows as there are buckets, and the sums of sums would be
 * of numerics.
 */
function groupedSql(groups: readonly string[], bucket: string, select: string, ofSeries: string): string {
  return `
    select n.*, ${groups.join(', ')}
    from (
      select ${bucket}, g.first, ${select}
      from rows r join (
        select s.series_id, min(s.series_id) over (partition by ${groups.join(', ')}) as first
        from analytics.series s where ${ofSeries}
      ) as g on g.series_id = r.series_id
      group by 1, 2
    ) as n
    join analytics.series s on s.org_id = $1 and s.series_id = n.first`;
}
