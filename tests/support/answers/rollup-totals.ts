import type { Database } from '../../../src/database/pool.ts';
import { ALL_ORGS } from '../../../src/events/all-orgs.ts';
import { eventColumnNames } from '../../../src/events/columns.ts';
import { bucketSql, type Grain, grainNamed, grains } from '../../../src/rollups/grains.ts';
import { rollupRowsSql } from '../../../src/rollups/rows/rollup-rows.ts';
import { sketchEntries } from '../../../src/rollups/rows/sketch-sql.ts';

/** The numbers of an org (or of all as the org `*`), of a type and bucket, as text. */
export type Totals = Record<string, string | null>;

/** The sums of the rolled-up raw events in buckets of a grain. */
export async function rawTotals(pool: Database, grain: Grain): Promise<Totals[]> {
  const { rows } = await pool.query<Totals>(
    `select org_id, type, ${bucketSql(grain, 'occurred_at')}::text as bucket, count(*)::text as count,
       sum(value)::text as value, min(value)::text as least, max(value)::text as most,
       sum(input_tokens)::text as input_tokens, sum(cost)::text as cost,
       count(value_bin)::text as sketched, coalesce(sum(value_bin), 0)::text as bins
     from (
       select ${eventColumnNames.join(', ')} from analytics.events
       union all
       select '*', ${eventColumnNames.slice(1).join(', ')} from analytics.events where type <> 'inventory'
     ) as e
     where batch_id not in (select batch_id from analytics.ingestion_batches where rolled_up_at is null)
     group by 1, 2, 3 order by 1, 2, 3`,
  );
  return rows;
}

/** The sums that a reader of a grain computes. */
export async function rollupTotals(pool: Database, grain: Grain): Promise<Totals[]> {
  const { rows } = await pool.query<Totals>(
    `with rows as (${rollupRowsSql([{ grain, condition: 'true' }], ['*'])})
     select org_id, type, ${bucketSql(grain, 'bucket_start')}::text as bucket, sum(count)::text as count,
       sum(value_sum)::text as value, min(value_min)::text as least, max(value_max)::text as most,
       sum(input_tokens)::text as input_tokens, sum(cost)::text as cost,
       sum(held.n)::text as sketched, sum(held.bins)::text as bins
     from rows, lateral (
       select coalesce(sum(n), 0) as n, coalesce(sum(bin * n), 0) as bins
       from (${sketchEntries('rows.sketch')}) as e) as held
     group by 1, 2, 3 order by 1, 2, 3`,
  );
  return rows;
}

/** The grains whose sums differ from the raw events; none if all is well. */
export async function grainsThatDiffer(pool: Database): Promise<Grain['name'][]> {
  const differ: Grain['name'][] = [];
  for (const grain of grains) {
    const [raw, rolledUp] = [await rawTotals(pool, grain), await rollupTotals(pool, grain)];
    if (JSON.stringify(raw) !== JSON.stringify(rolledUp)) differ.push(grain.name);
  }
  return differ;
}

/** The number of rows of a grain for single orgs, without those of all together. */
export async function rowsOf(pool: Database, name: Grain['name']): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*) from analytics.rollups where grain = $1 and org_id <> $2',
    [grainNamed(name).name, ALL_ORGS],
  );
  return rows[0]?.count ?? 0;
}
