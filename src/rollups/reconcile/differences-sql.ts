import { ALL_ORGS } from '../../events/all-orgs.ts';
import { catalogue } from '../../events/catalogue.ts';
import { isGauge, lacksUsage, lacksValue, lastOfGauge } from '../fold/fold-sql.ts';
import { bucketSql, type Grain, grainNamed } from '../grains.ts';
import { isOfKeptDay } from '../org-removals.ts';
import { rollupRowsSql } from '../rows/rollup-rows.ts';
import { isFolded } from '../rows/selected-events.ts';
import { sketchEntries } from '../rows/sketch-sql.ts';

interface Measure {
  /** Over rows of raw events. */
  raw: string;
  /** Over the results of `raw` by org, which have the name of the measure: its value for all orgs together. */
  allOrgs: string;
  /** Over rows of rollups. */
  rolledUp: string;
}

function summed(column: string): Measure {
  return {
    raw: `sum(${column})`,
    allOrgs: `sum(${column})`,
    rolledUp: `sum(${column})`,
  };
}

/** A number of events that rollups leave empty where it is 0. */
function countedOrNone(raw: string, name: string): Measure {
  return { raw, allOrgs: `sum(${name})`, rolledUp: `coalesce(sum(${name}), 0)` };
}

/** The compared measures. Each is one number for an org (or all orgs together), a type and an hour. */
const measures: Record<string, Measure> = {
  count: { raw: 'count(*)', allOrgs: 'sum(count)', rolledUp: 'sum(count)' },
  // Differs when the sums are equal but belong to the wrong model, client or status.
  series: {
    raw: 'sum(series_id)',
    allOrgs: 'sum(platform_series)',
    rolledUp: 'sum(series_id * count)',
  },
  value_sum: { raw: 'sum(value)', allOrgs: 'sum(value_sum)', rolledUp: 'sum(value_sum)' },
  value_min: { raw: 'min(value)', allOrgs: 'min(value_min)', rolledUp: 'min(value_min)' },
  value_max: { raw: 'max(value)', allOrgs: 'max(value_max)', rolledUp: 'max(value_max)' },
  input_tokens: summed('input_tokens'),
  output_tokens: summed('output_tokens'),
  cached_input_tokens: summed('cached_input_tokens'),
  cost: summed('cost'),
  cache_write_tokens: summed('cache_write_tokens'),
  cache_write_hour_tokens: summed('cache_write_hour_tokens'),
  reasoning_tokens: summed('reasoning_tokens'),
  ttft_sum: { raw: 'sum(time_to_first_token)', allOrgs: 'sum(ttft_sum)', rolledUp: 'sum(ttft_sum)' },
  ttft_count: countedOrNone('count(time_to_first_token)', 'ttft_count'),
  without_usage: countedOrNone(`count(*) filter (where ${lacksUsage})`, 'without_usage'),
  without_value: countedOrNone(`count(*) filter (where ${lacksValue})`, 'without_value'),
  quantity: {
    raw: `sum(quantity) filter (where not ${isGauge})`,
    allOrgs: 'sum(quantity)',
    rolledUp: 'sum(quantity)',
  },
  last: { raw: lastOfGauge, allOrgs: 'max(last)', rolledUp: 'max(last)' },
  sketched: { raw: 'count(value_bin)', allOrgs: 'sum(sketched)', rolledUp: 'sum(held.values)' },
  sketch_bins: {
    raw: 'coalesce(sum(value_bin), 0)',
    allOrgs: 'sum(sketch_bins)',
    rolledUp: 'sum(held.bins)',
  },
};
/** The names of the compared measures, in the order of their numbers. */
export const compared: readonly string[] = Object.keys(measures);

const hour = grainNamed('hour');
/** From fine to coarse: the grains from which queries by hour, day or week are answered. */
export const comparedGrains: readonly Grain[] = [hour, grainNamed('day'), grainNamed('week')];

function select(side: keyof Measure): string {
  return compared.map((name) => `${measures[name]?.[side]} as ${name}`).join(', ');
}

function asText(side: string): string {
  return compared.map((name) => `${side}.${name}::text`).join(', ');
}

/** Types without raw events. Their hours, which `reconcileShop` compares, take the place of raw events here. */
const derivedTypes = catalogue.filter(({ derived }) => derived).map(({ type }) => `'${type}'`);

/** A condition: a time is in the range of a grain, which two parameters give. */
function within(time: string, grain: Grain): string {
  const first = 2 * comparedGrains.indexOf(grain) + 1;
  return `${time} >= $${first} and ${time} < $${first + 1}`;
}

/** Adds up the raw numbers of hours to a coarser grain, so that events are read once. */
function addedUpSql(grain: Grain): string {
  const sums = compared.map(
    (name) => `${name === 'series' ? 'sum(series)' : measures[name]?.allOrgs} as ${name}`,
  );
  return `
    select '${grain.name}', org_id, type, ${bucketSql(grain, 'bucket')}, ${sums.join(', ')}
    from hours where ${within('bucket', grain)} group by 2, 3, 4`;
}

function rollupsSql(grain: Grain): string {
  return `
    select '${grain.name}' as level, ${bucketSql(grain, 'r.bucket_start')} as bucket, r.*
    from (${rollupRowsSql([{ grain, condition: within('r.bucket_start', grain) }], [ALL_ORGS])}) as r`;
}

interface CheckedEvents {
  /** As `batchesStoredUpTo` returns it. */
  upTo: number | undefined;
  /** Whether raw events of some orgs were removed before those of others. */
  removedOfOrgs: boolean;
}

/**
 * The hours of orgs whose raw events of that time were removed before those of others. Rollups take the place of raw events
 * here, so that all orgs together can be compared. The org itself is compared with its book.
 */
const REMOVED_HOURS = `
    select r.org_id, r.type, r.bucket, ${select('rolledUp')}, sum(r.platform_series_id * r.count)
    from removed_rows as r, lateral (
      select coalesce(sum(n), 0) as values, coalesce(sum(bin * n), 0) as bins
      from (${sketchEntries('sketch')}) as e) as held
    group by r.org_id, r.type, r.bucket`;

/** Apart from the sums: Citus neither joins series with the rows of a sketch, nor adds up by the org of rows it has gathered. */
const REMOVED_ROWS = `
  removed_rows as materialized (
    select rows.*, s.platform_series_id
    from rows join analytics.series s on s.org_id = rows.org_id and s.series_id = rows.series_id
    where level = '${hour.name}' and rows.type not in (${derivedTypes}) and not ${isOfKeptDay('rows', 'bucket')}
  ),`;

/**
 * Returns the sums of raw events beside the numbers of rollups, for every bucket, type and org at each compared grain; all
 * orgs together count as one more org. The parameters are the range of each grain, from fine to coarse. Each range is of
 * whole buckets, and coarser ranges hold no event outside the first.
 */
export function reconcileSql({ upTo, removedOfOrgs }: CheckedEvents): string {
  return `
  with of_events as (
    select org_id, type, bucket, ${select('raw')}, sum(platform_series_id) as platform_series
    from (
      select e.*, s.platform_series_id, ${bucketSql(hour, 'e.occurred_at')} as bucket
      from analytics.events e
      left join analytics.series s on s.org_id = e.org_id and s.series_id = e.series_id
      where ${within('e.occurred_at', hour)} and ${isFolded(upTo, 'e.batch_id')}
        ${removedOfOrgs ? `and ${isOfKeptDay('e')}` : ''}
    ) as e
    group by org_id, type, bucket
  ),
  rows as (${comparedGrains.map(rollupsSql).join('\n    union all')}
  ),
  rolled_up as (
    select level, org_id, type, bucket, ${select('rolledUp')}
    from rows, lateral (
      select coalesce(sum(n), 0) as values, coalesce(sum(bin * n), 0) as bins
      from (${sketchEntries('sketch')}) as e) as held
    group by 1, 2, 3, 4
  ),
  ${removedOfOrgs ? REMOVED_ROWS : ''}
  by_org as (
    select * from of_events
    ${removedOfOrgs ? `union all ${REMOVED_HOURS}` : ''}
  ),
  hours as (
    select org_id, type, bucket, ${compared.join(', ')} from by_org
    union all
    select '${ALL_ORGS}', type, bucket, ${select('allOrgs')}
    from by_org where not (${isGauge}) group by type, bucket
    union all
    select org_id, type, bucket, ${compared.join(', ')}
    from rolled_up where level = '${hour.name}' and type in (${derivedTypes})
  ),
  raw as (
    select '${hour.name}' as level, * from hours
    ${comparedGrains
      .slice(1)
      .map((grain) => `union all ${addedUpSql(grain)}`)
      .join('\n')}
  )
  select level, org_id, type, bucket, coalesce(raw.count, 0)::bigint as rows,
    (${compared.map((name) => `raw.${name} is distinct from rolled_up.${name}`).join(' or ')}) as drifts,
    array[${asText('raw')}] as raw, array[${asText('rolled_up')}] as rolled_up
  from raw full join rolled_up using (level, org_id, type, bucket)
  order by bucket, org_id, type`;
}
