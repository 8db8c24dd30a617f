import type { Pool } from 'pg';

/**
 * The numbers of all orgs together, row by row: each grain, series by its key, and bucket, with sums, extremes and the bins
 * of the sketch. Two databases with the same events have the same, whatever their folds.
 */
export async function allOrgsNumbers(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(
    `with entries as (
       select r.grain, s.series_key, r.bucket_start,
         get_byte(r.sketch, at) * 256 + get_byte(r.sketch, at + 1) as bin,
         sum(get_byte(r.sketch, at + 4) * 256 + get_byte(r.sketch, at + 5)) as n
       from analytics.rollups r join analytics.series s on s.org_id = '*' and s.series_id = r.series_id
       cross join lateral generate_series(0, length(r.sketch) - 1, 6) as at
       where r.org_id = '*' and r.sketch is not null group by 1, 2, 3, 4
     ),
     sums as (
       select r.grain, s.series_key, r.bucket_start, sum(count) as count, sum(value_sum) as value, min(value_min) as least,
         max(value_max) as most, sum(r.input_tokens) as input, sum(cost) as cost
       from analytics.rollups r join analytics.series s on s.org_id = '*' and s.series_id = r.series_id
       where r.org_id = '*' group by 1, 2, 3
     )
     select concat_ws(' ', grain, series_key, to_char(bucket_start, 'YYYY-MM-DD HH24:MI'), count, value, least, most, input,
       cost, (select string_agg(bin || 'x' || n, ',' order by bin) from entries e
              where (e.grain, e.series_key, e.bucket_start) = (s.grain, s.series_key, s.bucket_start))) as line
     from sums s where count > 0 order by 1`,
  );
  return rows.map(({ line }) => line);
}

/** The tables with a row that names the org anywhere. */
export async function tablesThatName(pool: Pool, orgId: string): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await pool.query(`select from analytics.${name} t where t::text ~ $1 limit 1`, [
      `\\m${orgId}\\M`,
    ]);
    if (rowCount) found.push(name);
  }
  return found;
}
