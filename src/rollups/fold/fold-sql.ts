import { catalogue } from '../../events/catalogue.ts';
import { usage } from '../../events/types/usage.ts';
import { bucketSql, type Grain } from '../grains.ts';
import { countedSketch, sketchOfEvents } from '../rows/sketch-sql.ts';

/** The columns of `analytics.rollups` with sums, in the order of the statements below. */
const summed = [
  'count',
  'value_sum',
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'quantity',
  'cost',
  'cache_write_tokens',
  'reasoning_tokens',
  'ttft_sum',
  'ttft_count',
  'without_usage',
  'without_value',
  'cache_write_hour_tokens',
];

/** The columns of a row with the numbers of its series and bucket. */
export const numberColumns: readonly string[] = [
  ...summed,
  'value_min',
  'value_max',
  'last',
  'last_event_at',
  'sketch',
];

const rollupColumns = [
  'grain',
  'fold_id',
  'org_id',
  'type',
  'series_id',
  'bucket_start',
  ...numberColumns,
].join(', ');

const gaugeTypes = catalogue
  .filter((definition) => definition.gauge)
  .map((definition) => `'${definition.type}'`);
/** A condition: a row of events or rollups is of a gauge. */
export const isGauge = `type in (${gaugeTypes.join(', ')})`;

/** A condition: a row of events is of a model call whose tokens are not known. */
export const lacksUsage = `type = '${usage.type}' and input_tokens is null and output_tokens is null`;
/** A condition: a row of events is of a model call whose latency is not known. */
export const lacksValue = `type = '${usage.type}' and value is null`;

/** The last value of a gauge among raw events, after its time in microseconds since the epoch. */
export const lastOfGauge = `
    max(array[(extract(epoch from occurred_at) * 1000000)::bigint, quantity]) filter (where ${isGauge})`;

/**
 * A sum that stops at the limit of a bigint. Beyond the limit the number is wrong, and reconciliation reports it. An
 * error would be worse: absurd amounts of one org would block the roll-up of all orgs.
 */
function total(column: string, filter = ''): string {
  const sum = `sum(${column})${filter}`;
  const most = '9223372036854775807';
  return `case when ${sum} between -${most} and ${most} then ${sum} else sign(${sum}) * ${most} end`;
}

/**
 * Folds raw events into partial rows of a grain. `$1` is the fold; `filter` selects the events. The sketch of a row gets
 * one entry for each event and is not counted by bin, since a row has few events.
 */
export function foldEventsSql(grain: Grain, filter: string): string {
  return `
  insert into analytics.rollups (${rollupColumns})
  select '${grain.name}', $1, org_id, type, series_id, ${bucketSql(grain, 'occurred_at')},
    count(*), ${total('value')}, ${total('input_tokens')}, ${total('output_tokens')},
    ${total('cached_input_tokens')}, ${total('quantity', ` filter (where not ${isGauge})`)}, ${total('cost')},
    ${total('cache_write_tokens')}, ${total('reasoning_tokens')},
    ${total('time_to_first_token')}, nullif(count(time_to_first_token), 0),
    nullif(count(*) filter (where ${lacksUsage}), 0), nullif(count(*) filter (where ${lacksValue}), 0),
    ${total('cache_write_hour_tokens')},
    min(value), max(value),
    ${lastOfGauge},
    max(occurred_at),
    ${sketchOfEvents}
  from analytics.events
  where ${filter}
  group by org_id, type, series_id, 6`;
}

/**
 * Adds up rows into rows of a grain. The caller puts the common table expression `partial` with the rows before it.
 * `fold` is the parameter of the fold.
 *
 * It joins nothing. There are no statistics of the newest folds, so the planner takes them for one row. A join of sums
 * and bins once ran in a loop for longer than 100 s.
 */
export function mergePartialSql(grain: Grain, fold = '$1'): string {
  return `
  merged as (
    select org_id, type, series_id, ${bucketSql(grain, 'bucket_start')} as bucket_start,
      ${summed.map((column) => `${total(column)} as ${column}`).join(', ')},
      min(value_min) as value_min, max(value_max) as value_max, max(last) as last,
      max(last_event_at) as last_event_at,
      analytics.concat(sketch) as sketch
    from partial
    group by org_id, type, series_id, 4
  )
  insert into analytics.rollups (${rollupColumns})
  select '${grain.name}', ${fold}, org_id, type, series_id, bucket_start,
    ${summed.join(', ')}, value_min, value_max, last, last_event_at,
    ${countedSketch('sketch')}
  from merged`;
}
