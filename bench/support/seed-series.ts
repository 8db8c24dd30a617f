import type { Pool } from 'pg';
import { ALL_ORGS } from '../../src/events/all-orgs.ts';
import { dimensionColumns } from '../../src/events/columns.ts';
import { binOf } from '../../src/events/sketch-bin.ts';
import { normal, seeded } from './random.ts';
import { MODELS, ORGS } from './seed-events.ts';

/** A sketch holds up to 2^13 values, the count of the busiest series of an org in a day. */
export const LARGEST_CLASS = 13;
export const VARIANTS = 2;
/** Shapes of sketches: one for each model, and as many for the routes and jobs. */
const SHAPES = MODELS;
/** Values up to which a sketch is a list. */
const LARGEST_LIST = 256;
/** Places from which raw events draw their series, in proportion to its share. */
const PLACES = 400_000;

/** The share of index `i` of `n`. Small indexes have far more, as in `seed-events.ts`. */
function partSql(i: string, n: string, skew = 3): string {
  return `((((${i}) + 1) / (${n})::numeric) ^ (1 / ${skew}.0) - ((${i}) / (${n})::numeric) ^ (1 / ${skew}.0))`;
}

interface SeededType {
  type: string;
  /** Events a day of all orgs together. */
  daily: number;
  /** Whether its value is a duration, which has a sketch. */
  sketched: boolean;
  /** SQL for the series of an org `o`; joined with `orgs`. */
  from: string;
  /** Its dimensions, and also `shape` and `part` (share of the org's events). */
  columns: Record<string, string>;
}

/** The number of models, routes or products of an org with index `o`, out of `n`. */
function someOf(n: number): string {
  return `ceil(${n} / (1 + o / 8.0))::int`;
}

const currency = `case when o % 3 = 0 then 'USD' else 'EUR' end`;
const shop = `generate_series(0, ${someOf(100)} - 1) as p`;
const sku = `'product-' || p`;
const collection = `'collection-' || p % 7`;

/** The event types of the benchmark, at a scale of 250 orgs, 40 models, 40 routes and 100 products. */
const seededTypes: readonly SeededType[] = [
  {
    type: 'usage',
    daily: 300_000,
    sketched: true,
    from: `generate_series(0, ${someOf(MODELS)} - 1) as m,
      generate_series(0, case when o < 10 then 2 when o < 50 then 1 else 0 end) as c,
      (values ('success', null, 0.98), ('error', 'rate_limit', 0.01), ('error', 'upstream', 0.01))
        as outcome (status, error_code, part)`,
    columns: {
      model_id: `'model-' || m`,
      client_id: `'client-' || c`,
      status: 'status',
      error_code: 'error_code',
      shape: 'm',
      part: `part * ${partSql('m', someOf(MODELS))}
        * ${partSql('c', 'case when o < 10 then 3 when o < 50 then 2 else 1 end', 2)}`,
    },
  },
  {
    type: 'api_request',
    daily: 300_000,
    sketched: true,
    from: `generate_series(0, ${someOf(40)} - 1) as r,
      (values (200, 'success', 0.95), (400, 'client_error', 0.02), (404, 'client_error', 0.02),
        (500, 'error', 0.008), (503, 'error', 0.002)) as outcome (status_code, status, part)`,
    columns: {
      method: `(array['GET', 'POST', 'PUT', 'DELETE'])[1 + r % 4]`,
      route: `'/v1/resource-' || r || '/:id'`,
      status_code: 'status_code',
      status: 'status',
      shape: 'r',
      part: `part * ${partSql('r', someOf(40))}`,
    },
  },
  {
    type: 'ml_job',
    daily: 20_000,
    sketched: true,
    from: `(values (0, '3d', null, 0.3), (1, 'descriptions', null, 0.4), (2, 'assets', 'ingestion', 0.1),
        (3, 'assets', 'versioning', 0.1), (4, 'assets', 'approval', 0.1)) as job (j, pipeline, operation, job_part),
      (values (0, 'replicate', 0.4), (1, 'tripo', 0.3), (2, 'huggingface', 0.2), (3, 'gemini', 0.1))
        as ran (v, provider, provider_part),
      (values ('success', null, 0.94), ('error', 'out_of_memory', 0.02), ('error', 'bad_input', 0.02),
        ('timeout', 'timeout', 0.02)) as outcome (status, error_code, part)`,
    columns: {
      pipeline: 'pipeline',
      operation: 'operation',
      provider: 'provider',
      status: 'status',
      error_code: 'error_code',
      shape: '5 * v + j',
      part: 'part * job_part * provider_part',
    },
  },
  {
    type: 'order',
    daily: 10_000,
    sketched: false,
    from: `(values ('web', 0.6), ('store', 0.3), ('app', 0.1)) as sold (channel, channel_part),
      (values ('completed', 0.94), ('refunded', 0.04), ('cancelled', 0.02)) as outcome (status, part)`,
    columns: { channel: 'channel', currency, status: 'status', shape: '0', part: 'part * channel_part' },
  },
  {
    type: 'order_line',
    daily: 20_000,
    sketched: false,
    from: `${shop}, (values ('web', 0.6), ('store', 0.3), ('app', 0.1)) as sold (channel, channel_part),
      (values ('completed', 0.94), ('refunded', 0.04), ('cancelled', 0.02)) as outcome (status, part)`,
    columns: {
      sku,
      collection,
      category: `'category-' || p % 5`,
      channel: 'channel',
      currency,
      status: 'status',
      shape: '0',
      part: `part * channel_part * ${partSql('p', someOf(100))}`,
    },
  },
  {
    type: 'storefront',
    daily: 100_000,
    sketched: false,
    from: `${shop}, (values ('product_view', 0.5), ('add_to_cart', 0.1)) as reached (stage, part)`,
    columns: { stage: 'stage', sku, collection, shape: '0', part: `part * ${partSql('p', someOf(100))}` },
  },
  {
    type: 'storefront',
    daily: 100_000,
    sketched: false,
    from: `(values ('visit', 0.36), ('checkout', 0.04)) as reached (stage, part)`,
    columns: { stage: 'stage', shape: '0', part: 'part' },
  },
  {
    type: 'session',
    daily: 40_000,
    sketched: false,
    from: `(values ('visit', 0.7), ('cart', 0.2), ('checkout', 0.07), ('complete', 0.03)) as reached (stage, part)`,
    columns: { stage: 'stage', shape: '0', part: 'part' },
  },
  {
    type: 'inventory',
    daily: 3_000,
    sketched: false,
    from: shop,
    columns: { sku, shape: '0', part: '1.0 / 100' },
  },
];

const dimensions = dimensionColumns.join(', ');

function seriesOfType({ type, daily, sketched, from, columns }: SeededType): string {
  return `
  select o, 'org-' || lpad(o::text, 3, '0') as org_id, '${type}' as type, ${sketched} as sketched,
    (${columns.shape})::int as shape, (share * (${columns.part}) * ${daily})::float8 as daily,
    ${dimensionColumns
      .map(
        (column) =>
          `(${columns[column] ?? 'null'})::${column === 'status_code' ? 'bigint' : 'text'} as ${column}`,
      )
      .join(', ')}
  from orgs, ${from}`;
}

/**
 * Creates the series of 250 orgs and of all orgs together. The schema `bench` keeps the data that generated SQL needs:
 * the events a day of each series. Shares are skewed as in `seed-events.ts`. The largest org has a sixth of all events;
 * the smallest have one or two models, routes or products.
 */
export async function seedSeries(pool: Pool): Promise<void> {
  await pool.query('drop schema if exists bench cascade');
  await pool.query('create schema bench');
  const key = dimensionColumns.filter((column) => column !== 'client_id').join(', ');
  await pool.query(
    `create table bench.series as
     with orgs as (
       select o, ((o + 1) / ${ORGS}.0) ^ (1 / 3.0) - (o / ${ORGS}.0) ^ (1 / 3.0) as share
       from generate_series(0, ${ORGS - 1}) as o
     ),
     single as (${seededTypes.map(seriesOfType).join('\nunion all\n')}),
     together as (
       select -1 as o, '${ALL_ORGS}' as org_id, type, sketched, min(shape) as shape, sum(daily) as daily,
         ${dimensionColumns.map((column) => (column === 'client_id' ? 'null as client_id' : column)).join(', ')}
       from single
       group by type, sketched, ${key}
     ),
     numbered as (
       select row_number() over (order by o, type, ${dimensions})::bigint as series_id, *
       from (select * from together union all select * from single) as s
     )
     select s.*, t.series_id as platform_series_id
     from numbered s
     left join numbered t on s.o >= 0 and t.o = -1 and t.type = s.type
       and row(${key.replaceAll(/\w+/g, 't.$&')})::text = row(${key.replaceAll(/\w+/g, 's.$&')})::text`,
  );
  await pool.query(
    `insert into analytics.series (org_id, series_id, platform_series_id, type, series_key, ${dimensions})
     select org_id, series_id, platform_series_id, type, 'seeded-' || series_id,
       ${dimensions}
     from bench.series`,
  );
  await pool.query(
    `select setval(pg_get_serial_sequence('analytics.series', 'series_id'), (select max(series_id) from bench.series))`,
  );
  await pool.query(
    `create table bench.places as
     select (row_number() over () - 1)::int as place, s.*
     from bench.series s, (select sum(daily) as daily from bench.series where o >= 0) as total,
       generate_series(1, floor(s.daily / total.daily * ${PLACES} + random())::int)
     where s.o >= 0 and s.type <> 'session'`,
  );
  await pool.query('create unique index on bench.places (place)');
  await seedSketches(pool);
  await pool.query('analyze bench.series, bench.places, bench.sketches, analytics.series');
}

/** Sketches of lognormal durations to pick from, by shape and number of values: a power of two. */
async function seedSketches(pool: Pool): Promise<void> {
  await pool.query(
    `create table bench.sketches (
       shape int, class int, variant int, sketch bytea,
       value_sum bigint, value_min bigint, value_max bigint, primary key (class, shape, variant))`,
  );
  const random = seeded(3);
  for (let shape = 0; shape < SHAPES; shape++) {
    const sketches = [];
    for (let group = 0; group <= LARGEST_CLASS; group++) {
      for (let variant = 0; variant < VARIANTS; variant++) {
        sketches.push({ shape, class: group, variant, ...sketchOf(2 ** group, shape, random) });
      }
    }
    await pool.query(
      `insert into bench.sketches
       select * from json_to_recordset($1::json) as s (
         shape int, class int, variant int, sketch bytea,
         value_sum bigint, value_min bigint, value_max bigint)`,
      [JSON.stringify(sketches)],
    );
  }
}

function sketchOf(size: number, shape: number, random: () => number) {
  const values = Array.from({ length: size }, () =>
    Math.round(1_000 * Math.exp(5.5 + 0.05 * shape + 0.6 * normal(random))),
  ).sort((a, b) => a - b);
  const bins = values.map(binOf);
  const counts = new Map<number, number>();
  for (const bin of bins) counts.set(bin, (counts.get(bin) ?? 0) + 1);
  // Like merged sketches: large ones are counted by bin.
  const entries = size > LARGEST_LIST ? [...counts] : bins.map((bin) => [bin, 1] as const);
  const sketch = Buffer.alloc(6 * entries.length);
  for (const [index, [bin, count]] of entries.entries()) {
    sketch.writeInt16BE(bin, 6 * index);
    sketch.writeInt32BE(count, 6 * index + 2);
  }
  return {
    sketch: `\\x${sketch.toString('hex')}`,
    value_sum: values.reduce((sum, value) => sum + value, 0),
    value_min: values[0],
    value_max: values.at(-1),
  };
}
