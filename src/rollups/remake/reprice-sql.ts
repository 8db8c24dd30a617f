/*
 * The statements of a repricing. In all of them $1 is the prices through the range asked for, as JSON (`StretchRow`),
 * and [$2, $3) the days looked at; what is outside the range asked for has no price in $1, and stays as it is.
 */
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { mlJob } from '../../events/types/ml-job.ts';
import { costSql, MOST_UNITS } from '../../prices/cost-of-job.ts';
import { mergePartialSql, numberColumns } from '../fold/fold-sql.ts';
import type { Grain } from '../grains.ts';
import { rollupRowsSql } from '../rows/rollup-rows.ts';
import { isWaiting } from '../rows/selected-events.ts';

/** Series by the prices of their jobs: a row for each stretch of time with one price, or with none. */
const PRICED = `
  stretch as (
    select * from json_to_recordset($1::json) as t (
      provider text, pipeline text, operation text, starts timestamptz, ends timestamptz, has_price boolean,
      cents_per_job numeric, cents_per_second numeric,
      cents_per_million_input_tokens numeric, cents_per_million_output_tokens numeric)
  ),
  priced as (
    select s.org_id, s.series_id, s.cost_source as series_source, t.*
    from analytics.series s
    join stretch t on t.provider = s.provider and t.pipeline is not distinct from s.pipeline
      and t.operation is not distinct from s.operation
    where s.type = '${mlJob.type}' and s.org_id <> '${ALL_ORGS}'
  )`;

/** Where a cost is from; a version without prices did not say. */
function sourceOf(source: string, cost: string): string {
  return `coalesce(${source}, case when ${cost} is null then 'none' else 'given' end)`;
}

/** The cost by the price `p`, or null where there is none, or one that is more than so many jobs may cost. */
function costBy(cost: string, jobs: string): string {
  return `
  case when p.has_price then (
    select case when c.cost <= ${MOST_UNITS} * ${jobs} then c.cost::bigint end from (select ${cost} as cost) as c
  ) end`;
}

const eventSource = sourceOf('e.cost_source', 'e.cost');
const eventCost = costBy(
  costSql('p', {
    jobs: '1',
    duration: 'e.value',
    inputTokens: 'e.input_tokens',
    outputTokens: 'e.output_tokens',
  }),
  '1',
);
const eventMatches = `p.org_id = e.org_id and p.series_id = e.series_id
  and e.occurred_at >= p.starts and e.occurred_at < p.ends
  and e.type = '${mlJob.type}' and e.occurred_at >= $2 and e.occurred_at < $3 and ${eventSource} <> 'given'`;

/** Raw jobs, with their cost as it is and as it would be. */
function rawJobs(condition: string): string {
  return `
  job as (
    select p.provider, p.pipeline, p.operation, e.org_id, e.series_id, e.occurred_at as at, 1::bigint as jobs,
      e.cost as before, ${eventSource} as source_before, ${eventCost} as after
    from analytics.events e join priced p on ${eventMatches}
    where ${condition}
  )`;
}

const rowSource = sourceOf('p.series_source', 'r.cost');
const rowCost = costBy(
  costSql('p', {
    jobs: 'r.count',
    duration: 'r.value_sum',
    inputTokens: 'r.input_tokens',
    outputTokens: 'r.output_tokens',
  }),
  'r.count',
);

/** The rows of rollups, of which one series can have several in a bucket. */
function rows(grain: Grain): string {
  return `
  piece as materialized (
    select row_number() over () as n, r.*
    from (${rollupRowsSql(
      [{ grain, condition: 'r.bucket_start >= $2 and r.bucket_start < $3' }],
      ['org_id', 'type', 'series_id', 'bucket_start', ...numberColumns],
      `r.type = '${mlJob.type}' and r.org_id <> '${ALL_ORGS}'`,
    )}) as r
  )`;
}

/**
 * The same with their cost as it is and as it would be. One that was rounded job by job is better than one worked
 * out of sums: it stays where the two differ by no more than rounding can make them.
 */
function rowJobs(grain: Grain): string {
  return `
  ${rows(grain)},
  worked_out as (
    select r.n, p.provider, p.pipeline, p.operation, r.org_id, r.series_id, r.bucket_start as at, r.count as jobs,
      r.cost as before, ${rowSource} as source_before, ${rowCost} as cost
    from piece r
    join priced p on p.org_id = r.org_id and p.series_id = r.series_id
      and r.bucket_start >= p.starts and r.bucket_start < p.ends
    where ${rowSource} <> 'given'
  ),
  job as (
    select *,
      case when source_before = 'table' and abs(cost - before) <= (jobs + 1) / 2.0 then before else cost end as after
    from worked_out
  )`;
}

const sourceAfter = `case when after is null then 'none' else 'table' end`;
const isChanged = `(after, ${sourceAfter}) is distinct from (before, source_before)`;

const DIFFERENCE = `
  select provider, pipeline, operation, sum(jobs)::float8 as jobs,
    coalesce(sum(jobs) filter (where ${isChanged}), 0)::float8 as changed,
    coalesce(sum(before), 0)::float8 as before, coalesce(sum(after), 0)::float8 as after,
    coalesce(sum(jobs) filter (where before is null), 0)::float8 as unpriced_before,
    coalesce(sum(jobs) filter (where after is null), 0)::float8 as unpriced_after,
    min(at) filter (where ${isChanged}) as first_changed, max(at) filter (where ${isChanged}) as last_changed
  from job group by provider, pipeline, operation`;

/** The series that changed jobs are in, and the source of costs of those they go to. */
const CHANGED_SERIES = `
  select distinct j.org_id, j.series_id, ${sourceAfter} as source, s.pipeline, s.operation, s.provider, s.status,
    s.error_code
  from job j join analytics.series s on s.org_id = j.org_id and s.series_id = j.series_id
  where ${isChanged}`;

/** What can be asked of jobs before they are repriced. */
interface Questions {
  /** What would change, by provider, pipeline and operation (`DifferenceRow`). */
  difference: string;
  /** The series whose jobs change (`ChangedSeries`). */
  series: string;
}

function questionsOver(jobs: string): Questions {
  return {
    difference: `with ${PRICED}, ${jobs} ${DIFFERENCE}`,
    series: `with ${PRICED}, ${jobs} ${CHANGED_SERIES}`,
  };
}

/** Of raw jobs. */
export const ofRawJobs = questionsOver(rawJobs('true'));
/** Of raw jobs that are in no rollup yet. */
export const ofWaitingJobs = questionsOver(rawJobs(isWaiting('e.batch_id')));

/** Of jobs of which only rollups are left. */
export function ofRolledUpJobs(grain: Grain): Questions {
  return questionsOver(rowJobs(grain));
}

/** Moments at which a price begins or ends within a bucket of a grain that has jobs to be priced by it. */
export function cutBuckets(grain: Grain): string {
  return `
  with ${PRICED}, ${rows(grain)}
  select p.provider, c.at
  from piece r join priced p on p.org_id = r.org_id and p.series_id = r.series_id
  cross join lateral (values (p.starts), (p.ends)) as c (at)
  where c.at > r.bucket_start and c.at < r.bucket_start + interval '${grain.width} ms' and ${rowSource} <> 'given'
  order by c.at limit 1`;
}

/** $4: where the changed jobs of a series go, as JSON (`SeriesMove`). */
const MOVES = `
  move as (
    select * from json_to_recordset($4::json) as m (org_id text, series_id bigint, source text, to_series bigint)
  )`;

/** Gives raw jobs their new cost. */
export const UPDATE_RAW = `
  with ${PRICED}, ${MOVES}
  update analytics.events e
  set cost = ${eventCost}, cost_source = m.source, series_id = m.to_series
  from priced p, move m
  where ${eventMatches} and m.org_id = e.org_id and m.series_id = e.series_id
    and m.source = case when ${eventCost} is null then 'none' else 'table' end
    and (${eventCost}, m.source) is distinct from (e.cost, ${eventSource})`;

/** Writes the rows of a grain again under the fold $5, with their new costs and in the series these go to. */
export function rewriteRows(grain: Grain): string {
  return `
  with ${PRICED}, ${MOVES}, ${rowJobs(grain)},
  changed as (
    select j.n, j.after, m.to_series
    from job j join move m on m.org_id = j.org_id and m.series_id = j.series_id and m.source = ${sourceAfter}
    where ${isChanged}
  ),
  partial as (
    select r.org_id, r.type, coalesce(c.to_series, r.series_id) as series_id, r.bucket_start,
      case when c.n is null then r.cost else c.after end as cost,
      ${numberColumns.flatMap((column) => (column === 'cost' ? [] : [`r.${column}`])).join(', ')}
    from piece r left join changed c using (n)
  ), ${mergePartialSql(grain, '$5')}`;
}
