/*
 * The statements of a repricing. They take the same first parameters. $1 holds the prices through the range that was
 * asked for, as JSON (a row of `stretch` each). The range [$2, $3) holds the days that are looked at. An event outside the range that was asked
 * for has no price in $1 and stays as it is.
 */
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { dimensionsOf } from '../../events/event-type.ts';
import { mergePartialSql, numberColumns } from '../fold/fold-sql.ts';
import type { Grain } from '../grains.ts';
import { rollupRowsSql } from '../rows/rollup-rows.ts';
import { isWaiting } from '../rows/selected-events.ts';
import type { Repricing } from './repricing.ts';

/** Series by the prices of their events: a row for each stretch of time with one price, or with none. */
function pricedSeries({ definition, scope, rates }: Repricing): string {
  const [first = '', ...others] = scope;
  // Nulls are not compared in a hash, so the first column, which every price has, is compared as it is.
  const matches = [
    `t.${first} = s.${first}`,
    ...others.map((column) => `t.${column} is not distinct from s.${column}`),
  ];
  return `
  stretch as (
    select * from json_to_recordset($1::json) as t (
      ${scope.map((column) => `${column} text`).join(', ')}, starts timestamptz, ends timestamptz, has_price boolean,
      ${rates})
  ),
  priced as (
    select s.org_id, s.series_id, s.cost_source as series_source, t.*
    from analytics.series s
    join stretch t on ${matches.join(' and ')}
    where s.type = '${definition.type}' and s.org_id <> '${ALL_ORGS}'
  )`;
}

/** The columns of a price's scope, each as it is over `p`. */
function scopeOf({ scope }: Repricing): string {
  return scope.map((column) => `p.${column}`).join(', ');
}

/** The source of a cost. A version of Tidemark without prices stored none. */
function sourceOf(source: string, cost: string): string {
  return `coalesce(${source}, case when ${cost} is null then 'none' else 'given' end)`;
}

const eventSource = sourceOf('e.cost_source', 'e.cost');

function eventMatches({ definition: { type }, matchesEvent }: Repricing): string {
  return `p.org_id = e.org_id and p.series_id = e.series_id
  and e.occurred_at >= p.starts and e.occurred_at < p.ends and ${matchesEvent}
  and e.type = '${type}' and e.occurred_at >= $2 and e.occurred_at < $3 and ${eventSource} <> 'given'`;
}

/** Raw events, with their cost as it is and as it would be. */
function rawEvents(repricing: Repricing, condition: string): string {
  return `
  counted as (
    select ${scopeOf(repricing)}, e.org_id, e.series_id, 1::bigint as events, false as keeps,
      e.cost as before, ${eventSource} as source_before, ${repricing.eventCost} as after
    from analytics.events e join priced p on ${eventMatches(repricing)}
    where ${condition}
  )`;
}

const rowSource = sourceOf('p.series_source', 'r.cost');

/** The rows of rollups, of which one series can have several in a bucket. */
function rollupRows({ definition: { type } }: Repricing, grain: Grain): string {
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
function rolledUpEvents(repricing: Repricing, grain: Grain): string {
  return `
  ${rollupRows(repricing, grain)},
  worked_out as (
    select r.n, ${scopeOf(repricing)}, r.org_id, r.series_id, r.count as events, ${repricing.rowKeeps} as keeps,
      r.cost as before, ${rowSource} as source_before, ${repricing.rowCost} as cost
    from piece r
    join priced p on p.org_id = r.org_id and p.series_id = r.series_id
      and r.bucket_start >= p.starts and r.bucket_start < p.ends and ${repricing.matchesRow}
    where ${rowSource} <> 'given'
  ),
  counted as (
    select *, case
        when keeps or (source_before = 'table' and abs(cost - before) <= (events + 1) / 2.0) then before else cost
      end as after
    from worked_out
  )`;
}

const sourceAfter = `case when after is null then 'none' else 'table' end`;
const isChanged = `(after, ${sourceAfter}) is distinct from (before, source_before)`;

function differenceOf({ scope }: Repricing): string {
  return `
  select json_build_array(${scope.join(', ')}) as scope, sum(events)::float8 as events,
    coalesce(sum(events) filter (where ${isChanged}), 0)::float8 as changed,
    coalesce(sum(before), 0)::float8 as before, coalesce(sum(after), 0)::float8 as after,
    coalesce(sum(events) filter (where before is null), 0)::float8 as unpriced_before,
    coalesce(sum(events) filter (where after is null), 0)::float8 as unpriced_after,
    coalesce(sum(events) filter (where keeps), 0)::float8 as kept
  from counted group by ${scope.join(', ')}`;
}

/** The series of changed events with their dimensions, and the cost source of the series these events move to. */
function changedSeries({ definition }: Repricing): string {
  const dimensions = dimensionsOf(definition).filter((column) => column !== 'cost_source');
  return `
  select distinct c.org_id, c.series_id, ${sourceAfter} as source,
    ${[...dimensions, 'labels'].map((column) => `s.${column}`).join(', ')}
  from counted c join analytics.series s on s.org_id = c.org_id and s.series_id = c.series_id
  where ${isChanged}`;
}

/** The questions about events before they are repriced. */
interface Questions {
  /** What would change, by what chooses the price (`DifferenceRow`). */
  difference: string;
  /** The series whose events change (`ChangedSeries`). */
  series: string;
}

function questionsOver(repricing: Repricing, events: string): Questions {
  const beginning = `with ${pricedSeries(repricing)}, ${events}`;
  return {
    difference: `${beginning} ${differenceOf(repricing)}`,
    series: `${beginning} ${changedSeries(repricing)}`,
  };
}

/** @param condition over the raw events `e` */
export function questionsOfRawEvents(repricing: Repricing, condition: string): Questions {
  return questionsOver(repricing, rawEvents(repricing, condition));
}

/** Of raw events that are in no rollup yet. */
export function questionsOfWaitingEvents(repricing: Repricing): Questions {
  return questionsOver(repricing, rawEvents(repricing, isWaiting('e.batch_id')));
}

/** Of events of which only rollups are left. */
export function questionsOfRollups(repricing: Repricing, grain: Grain): Questions {
  return questionsOver(repricing, rolledUpEvents(repricing, grain));
}

/**
 * The moments at which a price begins or ends within a bucket of a grain that has events to be priced by it. A finer row that
 * the grain has not taken in yet belongs to the bucket it will be in.
 */
export function cutBuckets(repricing: Repricing, grain: Grain): string {
  const width = `interval '${grain.width} ms'`;
  const bucket = `date_bin(${width}, r.bucket_start, timestamptz '1970-01-04T00:00:00Z')`;
  return `
  with ${pricedSeries(repricing)}, ${rollupRows(repricing, grain)}
  select concat_ws(' / ', ${scopeOf(repricing)}) as scope, c.at
  from piece r join priced p on p.org_id = r.org_id and p.series_id = r.series_id and ${repricing.matchesRow}
  cross join lateral (values (p.starts), (p.ends)) as c (at)
  where c.at > ${bucket} and c.at < ${bucket} + ${width} and ${rowSource} <> 'given'
  order by c.at limit 1`;
}

/** $4: the series that the changed events of each series move to, as JSON (`SeriesMove`). */
const MOVES = `
  move as (
    select * from json_to_recordset($4::json) as m (org_id text, series_id bigint, source text, to_series bigint)
  )`;

/** Gives raw events their new cost. @param condition over the events `e` */
export function updateRawEvents(repricing: Repricing, condition: string): string {
  const cost = repricing.eventCost;
  return `
  with ${pricedSeries(repricing)}, ${MOVES}
  update analytics.events e
  set cost = ${cost}, cost_source = m.source, series_id = m.to_series
  from priced p, move m
  where ${eventMatches(repricing)} and ${condition} and m.org_id = e.org_id and m.series_id = e.series_id
    and m.source = case when ${cost} is null then 'none' else 'table' end
    and (${cost}, m.source) is distinct from (e.cost, ${eventSource})`;
}

/** Writes the rows of a grain again under the fold $5, with their new costs and in the series they move to. */
export function rewriteRollups(repricing: Repricing, grain: Grain): string {
  return `
  with ${pricedSeries(repricing)}, ${MOVES}, ${rolledUpEvents(repricing, grain)},
  changed as (
    select j.n, j.after, m.to_series
    from counted j join move m on m.org_id = j.org_id and m.series_id = j.series_id and m.source = ${sourceAfter}
    where ${isChanged}
  ),
  partial as (
    select r.org_id, r.type, coalesce(c.to_series, r.series_id) as series_id, r.bucket_start,
      case when c.n is null then r.cost else c.after end as cost,
      ${numberColumns.flatMap((column) => (column === 'cost' ? [] : [`r.${column}`])).join(', ')}
    from piece r left join changed c using (n)
  ), ${mergePartialSql(grain, '$5')}`;
}
