import type { Pool } from 'pg';
import { bucketStart, type Grain } from '../../src/rollups/grains.ts';
import { DAY } from '../../src/time.ts';
import { LARGEST_CLASS, VARIANTS } from './seed-series.ts';

/**
 * Seeds a range with rollups of a grain, like compacted ones: one row for each series and bucket with events, also for
 * all orgs together.
 * @param options.orgs number of orgs, from the largest down
 * @param options.onDay called after each day
 */
export async function seedRollups(
  pool: Pool,
  grain: Grain,
  range: { from: number; to: number },
  { orgs, onDay }: { orgs: number; onDay(day: number): void },
): Promise<void> {
  const step = Math.max(DAY, grain.width);
  const first = bucketStart(grain, range.from);
  // Both loops take the next day that nobody has taken, so two processors seed.
  const starts = Array.from(
    { length: Math.ceil((range.to - first) / step) },
    (_, n) => first + n * step,
  ).values();
  const seed = async () => {
    for (const from of starts) {
      await seedStep(pool, grain, { from, to: Math.min(range.to, from + step) }, orgs);
      onDay(from);
    }
  };
  await Promise.all([seed(), seed()]);
}

async function seedStep(
  pool: Pool,
  grain: Grain,
  { from, to }: { from: number; to: number },
  orgs: number,
): Promise<void> {
  // A gauge has a last value instead of sums, and no row over all orgs.
  await pool.query(
    `insert into analytics.rollups (
       grain, fold_id, org_id, type, series_id, bucket_start, count, value_sum, value_min, value_max,
       sketch, input_tokens, output_tokens, quantity, cost, last, last_event_at)
     select '${grain.name}', f.fold_id, n.org_id, n.type, n.series_id, n.bucket_start, n.count,
       case when k.class is not null then k.value_sum when n.type like 'order%' then n.count * 49900000 end,
       case when k.class is not null then k.value_min when n.type like 'order%' then 9900000 end,
       case when k.class is not null then k.value_max when n.type like 'order%' then 990000000 end,
       k.sketch,
       case when n.type = 'usage' then 1000 * n.count end, case when n.type = 'usage' then 400 * n.count end,
       case when n.type like 'order%' then 2 * n.count end,
       case when n.type in ('usage', 'ml_job') then 5000 * n.count end,
       case when n.type = 'inventory' then array[(extract(epoch from n.bucket_start) * 1000000)::bigint, n.shape + 3] end,
       n.bucket_start + interval '30 seconds'
     from (select nextval(pg_get_serial_sequence('analytics.folds', 'fold_id')) as fold_id) as f,
       (
         select s.*, bucket_start, events::bigint as count, floor(${VARIANTS} * random())::int as variant
         from bench.series s,
           generate_series($1::timestamptz, $2::timestamptz, interval '${grain.width / 1_000} s') as bucket_start,
           lateral (select floor(s.daily * $3 * (0.7 + 0.6 * random()) + random()) as events) as e
         where s.o < $4 and not (s.o = -1 and s.type = 'inventory') and events >= 1
       ) as n
     left join bench.sketches k on n.sketched and k.shape = n.shape and k.variant = n.variant
       and k.class = least(${LARGEST_CLASS}, floor(log(2, n.count::numeric)))
     order by n.org_id, n.type, n.series_id, n.bucket_start`,
    [new Date(from), new Date(to - 1), grain.width / DAY, orgs],
  );
}
