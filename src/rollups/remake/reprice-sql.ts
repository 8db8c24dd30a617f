/*
 * The statements of a repricing. They take the same first parameters. $1 holds the prices through the range that was
 * asked for, as JSON (a row of `stretch` each). The range [$2, $3) holds the days that are looked at. An event outside the range that was asked
 * for has no price in $1 and stays as it is.
 */
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { dimensionsOf, type PricedType } from '../../events/event-type.ts';
import { costSql, MOST_NANODOLLARS } from '../../prices/cost.ts';
import { mergePartialSql, numberColumns } from '../fold/fold-sql.ts';
import type { Grain } from '../grains.ts';
import { rollupRowsSql } from '../rows/rollup-rows.ts';
import { isWaiting } from '../rows/selected-events.ts';

/** The columns of a series that choose its prices, as SQL over the series `s`. */
export function scopeSql({ pricing: { scope } }: PricedType) {
  const columnOf = (column: string | undefined) => (column === undefined ? 'null::text' : `s.${column}`);
  return {
    provider: columnOf(scope.provider),
    pipeline: columnOf(scope.pipeline),
    operation: columnOf(scope.operation),
  };
}

/** Series by the prices of their events: a row for each stretch of time with one price, or with none. */
function pricedSeries(definition: PricedType): string {
  const { provider, pipeline, operation } = scopeSql(definition);
  return `
  stretch as (
    select * from json_to_recordset($1::json) as t (
      provider text, pipeline text, operation text, starts timestamptz, ends timestamptz, has_price boolean,
      cents_per_job numeric, cents_per_second numeric,
      cents_per_million_input_tokens numeric, cents_per_million_output_tokens numeric)
  ),
  priced as (
    select s.org_id, s.series_id, s.cost_source as series_source, t.*
    from analytics.series s
    join stretch t on t.provider = ${provider} and t.pipeline is not distinct from ${pipeline}
      and t.operation is not distinct from ${operation}
    where s.type = '${definition.type}' and s.org_id <> '${ALL_ORGS}'
  )`;
}

/** The source of a cost. A version of Tidemark without prices stored none. */
function sourceOf(source: string, cost: string): string {
  return `coalesce(${source}, case when ${cost} is null then 'none' else 'given' end)`;
}

/** The cost by the price `p`; null where there is no price, or one that gives more than so many events may cost. */
function costBy(cost: string, events: string): string {
  return `
  case when p.has_price then (
    select case when c.cost <= ${MOST_NANODOLLARS} * ${events} then c.cost::bigint end from (select ${cost} as cost) as c
  ) end`;
}

const eventSource = sourceOf('e.cost_source', 'e.cost');

function eventCost({ pricing: { quantities } }: PricedType): string {
  const sums = Object.fromEntries(
    Object.entries(quantities).map(([quantity, column]) => [quantity, `e.${column}`]),
  );
  return costBy(costSql('p', { ...sums, events: '1' }), '1');
}

function eventMatches({ type }: PricedType): string {
  return `p.org_id = e.org_id and p.series_id = e.series_id
  and e.occurred_at >= p.starts and e.occurred_at < p.ends
  and e.type = '${type}' and e.occurred_at >= $2 and e.occurred_at < $3 and ${eventSource} <> 'given'`;
}

/** Raw events, with their cost as it is and as it would be. */
function rawEvents(definition: PricedType, condition: string): string {
  return `
  job as (
    select p.provider, p.pipeline, p.operation, e.org_id, e.series_id, e.occurred_at as at, 1::bigint as jobs,
      e.cost as before, ${eventSource} as source_before, ${eventCost(definition)} as after
    from analytics.events e join priced p on ${eventMatches(definition)}
    where ${condition}
  )`;
}

const rowSource = sourceOf('p.series_source', 'r.cost');

function rowCost({ pricing: { quantities } }: PricedType): string {
  const sums = Object.fromEntries(
    Object.entries(quantities).map(([quantity, column]) => [
      quantity,
      `r.${column === 'value' ? 'value_sum' : column}`,
    ]),
  );
  return costBy(costSql('p', { ...sums, events: 'r.count' }), 'r.count');
}

/** The rows of rollups, of which one series can have several in a bucket. */
function rollupRows({ type }: PricedType, grain: Grain): string {
  return `
  piece as materialized (
    select row_number() over () as n, r.*
    from (${rollupRowsSql(
      [{ grain, condition: 'r.bucket_start >= $2 and r.bucket_start < $3' }],
      ['org_id', 'type', 'series_id', 'bucket_start', ...numberColumns],
      `r.type = '${type}' and r.org_id <> '${ALL_ORGS}'`,
    )}) as r
  )`;
}

/**
 * The same rows with their cost as it is and as it would be. A cost that was rounded event by event is better than one
 * computed from sums: it stays where rounding alone can explain the difference.
 */
function rolledUpEvents(definition: PricedType, grain: Grain): string {
  return `
  ${rollupRows(definition, grain)},
  worked_out as (
    select r.n, p.provider, p.pipeline, p.operation, r.org_id, r.series_id, r.bucket_start as at, r.count as jobs,
      r.cost as before, ${rowSource} as source_before, ${rowCost(definition)} as cost
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
    coalesce(sum(jobs) filter (where after is null), 0)::float8 as unpriced_after
  from job group by provider, pipeline, operation`;

/** The series of changed events with their dimensions, and the cost source of the series these events move to. */
function changedSeries(definition: PricedType): string {
  const dimensions = dimensionsOf(definition).filter((column) => column !== 'cost_source');
  return `
  select distinct j.org_id, j.series_id, ${sourceAfter} as source,
    ${dimensions.map((column) => `s.${column}`).join(', ')}
  from job j join analytics.series s on s.org_id = j.org_id and s.series_id = j.series_id
  where ${isChanged}`;
}

/** The questions about events before they are repriced. */
interface Questions {
  /** What would change, by provider, pipeline and operation (`DifferenceRow`). */
  difference: string;
  /** The series whose events change (`ChangedSeries`). */
  series: string;
}

function questionsOver(definition: PricedType, events: string): Questions {
  const beginning = `with ${pricedSeries(definition)}, ${events}`;
  return { difference: `${beginning} ${DIFFERENCE}`, series: `${beginning} ${changedSeries(definition)}` };
}

/** @param condition over the raw events `e` */
export function questionsOfRawEvents(definition: PricedType, condition: string): Questions {
  return questionsOver(definition, rawEvents(definition, condition));
}

/** Of raw events that are in no rollup yet. */
export function questionsOfWaitingEvents(definition: PricedType): Questions {
  return questionsOver(definition, rawEvents(definition, isWaiting('e.batch_id')));
}

/** Of events of which only rollups are left. */
export function questionsOfRollups(definition: PricedType, grain: Grain): Questions {
  return questionsOver(definition, rolledUpEvents(definition, grain));
}

/** The moments at which a price begins or ends within a bucket of a grain that has events to be priced by it. */
export function cutBuckets(definition: PricedType, grain: Grain): string {
  return `
  with ${pricedSeries(definition)}, ${rollupRows(definition, grain)}
  select p.provider, c.at
  from piece r join priced p on p.org_id = r.org_id and p.series_id = r.series_id
  cross join lateral (values (p.starts), (p.ends)) as c (at)
  where c.at > r.bucket_start and c.at < r.bucket_start + interval '${grain.width} ms' and ${rowSource} <> 'given'
  order by c.at limit 1`;
}

/** $4: the series that the changed events of each series move to, as JSON (`SeriesMove`). */
const MOVES = `
  move as (
    select * from json_to_recordset($4::json) as m (org_id text, series_id bigint, source text, to_series bigint)
  )`;

/** Gives raw events their new cost. @param condition over the events `e` */
export function updateRawEvents(definition: PricedType, condition: string): string {
  const cost = eventCost(definition);
  return `
  with ${pricedSeries(definition)}, ${MOVES}
  update analytics.events e
  set cost = ${cost}, cost_source = m.source, series_id = m.to_series
  from priced p, move m
  where ${eventMatches(definition)} and ${condition} and m.org_id = e.org_id and m.series_id = e.series_id
    and m.source = case when ${cost} is null then 'none' else 'table' end
    and (${cost}, m.source) is distinct from (e.cost, ${eventSource})`;
}

/** Writes the rows of a grain again under the fold $5, with their new costs and in the series they move to. */
export function rewriteRollups(definition: PricedType, grain: Grain): string {
  return `
  with ${pricedSeries(definition)}, ${MOVES}, ${rolledUpEvents(definition, grain)},
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
