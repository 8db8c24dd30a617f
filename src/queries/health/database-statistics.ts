import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';

/** Connections to this database, by state. */
export interface ConnectionFigures {
  total: number;
  active: number;
  idle: number;
  idleInTransaction: number;
  /** Active connections that wait for a lock. */
  waiting: number;
  /** Connections of other roles, whose state the service's role may not see. */
  hidden: number;
  max: number;
  longestTransactionSeconds: number;
}

export interface CacheFigures {
  /** Share of blocks found in PostgreSQL's cache since `since`, 0 to 1; null if no block was read. */
  hitRatio: number | null;
  commits: number;
  rollbacks: number;
  deadlocks: number;
  temporaryBytes: number;
  since: string | null;
}

export interface TableFigures {
  table: string;
  /** Number of partitions; the other figures are sums over all of them. */
  partitions: number;
  tableBytes: number;
  indexBytes: number;
  /** Estimated by the server. */
  rows: number;
  deadRows: number;
}

export interface ReplicationFigures {
  role: 'primary' | 'replica';
  /** On a replica: age of the last replayed transaction, or 0 if all are replayed. Null on a primary. */
  replayLagSeconds: number | null;
  /** On a primary: its replicas. Figures that the service's role may not see are null. */
  replicas: {
    name: string;
    state: string | null;
    syncState: string | null;
    lagBytes: number | null;
    lagSeconds: number | null;
  }[];
}

export interface StatementFigures {
  query: string;
  calls: number;
  meanMs: number;
  maxMs: number;
  totalMs: number;
  rows: number;
}

/** Why a statistic is unavailable, in words for the answer. */
export class StatisticUnavailable extends Error {
  override readonly name = 'StatisticUnavailable';
}

/**
 * Reads statistics of the server in a short transaction.
 * @param budget milliseconds after which the server cancels the statement: a table may be locked
 */
export function readStatistic<T>(
  pool: Pool,
  read: (client: PoolClient) => Promise<T>,
  budget: number,
): Promise<T> {
  return withTransaction(pool, read, { statementTimeoutMs: budget });
}

async function onlyRow<T extends object>(client: PoolClient, sql: string): Promise<T> {
  const { rows } = await client.query<T>(sql);
  if (!rows[0]) throw new StatisticUnavailable('the server has no such statistic');
  return rows[0];
}

/** Milliseconds that an empty query takes on an open connection. */
export async function probe(client: PoolClient): Promise<number> {
  const began = performance.now();
  await client.query('select 1');
  return Math.round((performance.now() - began) * 1_000) / 1_000;
}

// A connection of another role has neither a state nor a backend type. The server's own workers have no role.
export function readConnections(client: PoolClient): Promise<ConnectionFigures> {
  return onlyRow(
    client,
    `select count(*) as total,
       count(*) filter (where state = 'active') as active,
       count(*) filter (where state = 'idle') as idle,
       count(*) filter (where state like 'idle in transaction%') as "idleInTransaction",
       count(*) filter (where state = 'active' and wait_event_type = 'Lock') as waiting,
       count(*) filter (where state is null) as hidden,
       current_setting('max_connections')::int as max,
       coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0)::float8 as "longestTransactionSeconds"
     from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()
       and (backend_type = 'client backend' or (backend_type is null and usesysid is not null))`,
  );
}

export async function readCache(client: PoolClient): Promise<CacheFigures> {
  const { since, ...figures } = await onlyRow<Omit<CacheFigures, 'since'> & { since: Date | null }>(
    client,
    `select blks_hit::float8 / nullif(blks_hit + blks_read, 0) as "hitRatio",
       xact_commit as commits, xact_rollback as rollbacks, deadlocks, temp_bytes as "temporaryBytes",
       stats_reset as since
     from pg_stat_database where datname = current_database()`,
  );
  return { ...figures, since: since?.toISOString() ?? null };
}

export async function readTables(client: PoolClient): Promise<TableFigures[]> {
  const { rows } = await client.query<TableFigures>(
    // Partitions and the chunks of TimescaleDB belong to their table by inheritance.
    `with recursive part (oid, root) as (
       select c.oid, c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('analytics', 'tidemark_jobs') and c.relkind in ('r', 'p')
         and not exists (select from pg_inherits i where i.inhrelid = c.oid)
       union all
       select i.inhrelid, p.root from pg_inherits i join part p on p.oid = i.inhparent
     )
     select n.nspname || '.' || root.relname as "table",
       count(*) filter (where p.oid <> p.root and c.relkind = 'r') as partitions,
       sum(pg_table_size(p.oid))::bigint as "tableBytes",
       sum(pg_indexes_size(p.oid))::bigint as "indexBytes",
       coalesce(sum(s.n_live_tup), 0)::bigint as rows,
       coalesce(sum(s.n_dead_tup), 0)::bigint as "deadRows"
     from part p
     join pg_class c on c.oid = p.oid
     join pg_class root on root.oid = p.root
     join pg_namespace n on n.oid = root.relnamespace
     left join pg_stat_all_tables s on s.relid = p.oid
     group by 1
     order by sum(pg_total_relation_size(p.oid)) desc, 1`,
  );
  return rows;
}

export async function readReplication(client: PoolClient): Promise<ReplicationFigures> {
  const { replica, lag } = await onlyRow<{ replica: boolean; lag: number | null }>(
    client,
    // A replica that has replayed all it received is not behind, however old the last transaction is.
    `select pg_is_in_recovery() as replica,
       case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
         else greatest(0, extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())) end::float8 as lag`,
  );
  const { rows } = await client.query<ReplicationFigures['replicas'][number]>(
    `select application_name as name, state, sync_state as "syncState",
       pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
         replay_lsn)::float8 as "lagBytes",
       extract(epoch from replay_lag)::float8 as "lagSeconds"
     from pg_stat_replication order by 1`,
  );
  return {
    role: replica ? 'replica' : 'primary',
    replayLagSeconds: replica ? lag : null,
    replicas: rows.map((row) => ({ ...row, name: row.name ?? '' })),
  };
}

/** The statements with the highest mean time, from the extension `pg_stat_statements`. */
export async function readSlowStatements(client: PoolClient): Promise<StatementFigures[]> {
  const { rows: found } = await client.query<{ view: string }>(
    `select format('%I.pg_stat_statements', n.nspname) as view
     from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_stat_statements'`,
  );
  const view = found[0]?.view;
  if (view === undefined)
    throw new StatisticUnavailable('pg_stat_statements is not installed in this database');
  const { rows } = await client.query<StatementFigures>(
    // The view name comes quoted from the server's catalogue. Statements of other roles have no text.
    `select left(regexp_replace(query, '\\s+', ' ', 'g'), 500) as query, calls,
       mean_exec_time as "meanMs", max_exec_time as "maxMs", total_exec_time as "totalMs", rows
     from ${view}
     where dbid = (select oid from pg_database where datname = current_database())
       and query <> '<insufficient privilege>'
     order by mean_exec_time desc limit 10`,
  );
  return rows;
}
