import type { PoolClient } from 'pg';
import type { Grain } from '../grains.ts';

/** Pages of 8 kB by which a table may outgrow its statistics: about 1,500 rollups, which any plan reads fast. */
const FEW_PAGES = 32;
/** The share of its pages by which a table may outgrow its statistics. */
const GROWTH = 0.2;

/** Tables of a shop that a fold adds rows to. */
const shopTables = ['sessions', 'orders', 'customer_orders', 'products'];

/** The columns that queries select by and group by. Sketches are large, and no plan depends on what is in them. */
const rollupColumns = '(grain, org_id, type, series_id, bucket_start, fold_id)';

/**
 * Gathers statistics of the tables that a fold has made much larger. It belongs at the end of the fold's transaction, whose
 * rows and their statistics then become visible together. Autovacuum comes up to a minute later. Until then PostgreSQL
 * took a year of rollups for one row, and read all series again for each of them.
 *
 * It samples a bounded number of rows, and a table that grows is analyzed again only once it is a fifth larger. It waits for
 * nobody: another session that analyzes or vacuums a table takes its place. On Citus the nodes do it by themselves, as
 * an `analyze` there would open a connection for each shard.
 */
export async function gatherStatistics(client: PoolClient, grain: Grain): Promise<void> {
  const rollups = `rollups_${grain.name}`;
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c
     where c.oid = any (array(select to_regclass('analytics.' || t) from unnest($1::text[]) as t)::oid[])
       and not exists (select from pg_extension where extname = 'citus')
       and pg_relation_size(c.oid) / current_setting('block_size')::int > $2
       and (pg_relation_size(c.oid) / current_setting('block_size')::int > $3::float8 * greatest(c.relpages, 0) + $2
         or not exists (select from pg_stats s where s.schemaname = 'analytics' and s.tablename = c.relname))`,
    [[rollups, 'series', ...shopTables], FEW_PAGES, 1 + GROWTH],
  );
  for (const { name } of rows) {
    await client.query(
      `analyze (skip_locked) analytics.${name}${name === rollups ? ` ${rollupColumns}` : ''}`,
    );
  }
}
