/** Figures of ML jobs from raw events by plain SQL, without rollups, plans or sketches. */
import type { Pool } from 'pg';

/** A condition over `analytics.events`, in half-open time. */
export interface RawMlQuestion {
  start: Date;
  end: Date;
  where?: string;
}

export type RawMlFigures = Record<string, number | null>;

/** The figures of matching jobs, by their names in the API. */
export async function rawMlFigures(
  pool: Pool,
  { start, end, where = 'true' }: RawMlQuestion,
): Promise<RawMlFigures> {
  const { rows } = await pool.query<RawMlFigures>(
    `select count(*)::int as jobs,
       count(*) filter (where status = 'success')::int as succeeded,
       count(*) filter (where status in ('error', 'timeout', 'throttled'))::int as failed,
       count(*) filter (where status = 'cancelled')::int as cancelled,
       count(*) filter (where status = 'success')::float8
         / nullif(count(*) filter (where status <> 'cancelled'), 0) as "successRate",
       (avg(value) / 1000)::float8 as "durationAvgMs",
       percentile_disc(0.5) within group (order by value)::float8 / 1000 as "durationP50Ms",
       percentile_disc(0.95) within group (order by value)::float8 / 1000 as "durationP95Ms",
       percentile_disc(0.99) within group (order by value)::float8 / 1000 as "durationP99Ms",
       case when count(*) = 0 then 0 else (sum(cost) / 10000000.0)::float8 end as "costCents",
       (round(sum(cost) / nullif(count(*) filter (where status = 'success' and cost is not null), 0)) / 10000000)::float8
         as "costPerSuccessCents",
       count(*) filter (where cost is null)::int as "unpricedJobs"
     from analytics.events
     where type = 'ml_job' and occurred_at >= $1 and occurred_at < $2 and (${where})`,
    [start, end],
  );
  return rows[0] ?? {};
}

const CLOSE = /^duration(P\d+|Avg)Ms$/;

/** Where figures of the API differ from those of the raw events. Percentiles may be off by 1 %. */
export function mlFaults(
  shown: Readonly<Record<string, number | null>>,
  raw: RawMlFigures,
): Record<string, [shown: unknown, raw: unknown]> {
  return Object.fromEntries(
    Object.entries(raw).flatMap(([name, expected]) => {
      const found = shown[name];
      const near =
        CLOSE.test(name) && typeof found === 'number' && expected !== null
          ? Math.abs(found - expected) <= expected * 0.0101
          : found === expected;
      return near ? [] : [[name, [found, expected] as [unknown, unknown]]];
    }),
  );
}
