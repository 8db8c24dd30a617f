/** Distribution by org over the nodes of a Citus cluster. */
import type { PoolClient } from 'pg';
import { type Database, type Queryable, withTransaction } from '../pool.ts';
import { tablePlacement } from './table-placement.ts';

/** All other tables are colocated with this one: the rows of an org are on one node. */
const COLOCATION_TABLE = 'series';

/**
 * Shards for each node, unless the server says how many in all. Each table has so many, and `analytics.events` as many a
 * day, so they cost more than they bring: writers and workers use all cores of a node, whatever its shards. But a cluster
 * can grow to this many times its nodes before a shard must be split.
 */
const SHARDS_PER_NODE = 4;

/** Whether the database has Citus, and whether our tables are distributed by it. */
export type CitusState = 'absent' | 'undistributed' | 'distributed';

export async function citusState(database: Queryable): Promise<CitusState> {
  const extension = await database.query(`select 1 from pg_extension where extname = 'citus'`);
  if (extension.rowCount === 0) return 'absent';
  const distributed = await database.query(
    'select 1 from pg_dist_partition where logicalrelid = to_regclass($1)',
    [`analytics.${COLOCATION_TABLE}`],
  );
  return distributed.rowCount === 0 ? 'undistributed' : 'distributed';
}

/**
 * Distributes the tables that are not distributed yet, with their rows. One transaction locks them all. Nodes that are
 * added later get their share by Citus's own `citus_rebalance_start()`.
 * @returns the names of these tables; none if all were distributed before
 * @throws the database's error; then nothing has changed
 */
export function distribute(database: Database): Promise<string[]> {
  return withTransaction(database, async (client) => {
    const due = await undistributed(client);
    if (due.length === 0) return [];
    await changeTablesInTurn(client);
    await client.query(
      `lock table ${due.map((name) => `analytics.${name}`).join(', ')} in access exclusive mode`,
    );
    await distributeFunctions(client);
    if (due[0] === COLOCATION_TABLE) await chooseShards(client);
    for (const name of due) await distributeTable(client, name);
    return due;
  });
}

/**
 * To be called before a transaction changes distributed tables. The transaction then has one connection to each node,
 * so that each change sees those before it.
 */
export async function changeTablesInTurn(client: PoolClient): Promise<void> {
  await client.query(`set local citus.multi_shard_modify_mode to 'sequential'`);
}

async function undistributed(client: PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p') and not relispartition
       and relname <> all ($1)
       and not exists (select from pg_dist_partition where logicalrelid = pg_class.oid)
     order by relname <> $2, relname`,
    [Object.keys(tablePlacement).filter((name) => tablePlacement[name] === 'coordinator'), COLOCATION_TABLE],
  );
  return rows.map(({ name }) => name).filter((name) => tablePlacement[name] !== undefined);
}

async function distributeTable(client: PoolClient, name: string): Promise<void> {
  const table = `analytics.${name}`;
  if (tablePlacement[name] === 'everywhere') {
    await client.query('select create_reference_table($1)', [table]);
    return;
  }
  await client.query(`select create_distributed_table($1, 'org_id', colocate_with => $2)`, [
    table,
    name === COLOCATION_TABLE ? 'default' : `analytics.${COLOCATION_TABLE}`,
  ]);
}

/** A number that somebody has set for the server, the database or the role stays. */
async function chooseShards(client: PoolClient): Promise<void> {
  await client.query(
    `select set_config('citus.shard_count', $1::text, true)
     from pg_settings where name = 'citus.shard_count' and source = 'default'`,
    [SHARDS_PER_NODE * (await countNodes(client))],
  );
}

/** The nodes that hold shards. */
async function countNodes(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ nodes: number }>(
    'select greatest(1, count(*)) as nodes from pg_dist_node where isactive and shouldhaveshards',
  );
  return rows[0]?.nodes ?? 1;
}

/** Creates our functions and aggregates on the nodes, which need them for queries. */
async function distributeFunctions(client: PoolClient): Promise<void> {
  await client.query(
    `select create_distributed_function(oid::regprocedure) from pg_proc
     where pronamespace = 'analytics'::regnamespace and prorettype <> 'trigger'::regtype`,
  );
}
