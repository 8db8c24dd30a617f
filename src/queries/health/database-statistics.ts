import type { Pool, PoolClient } from 'pg';
import { isStatementTimeout } from '../../database/connection-error.ts';
import { withTransaction } from '../../database/pool.ts';
import type { MissingPart } from '../../telemetry/prometheus/realtime.ts';
import type {
  CacheFigures,
  ConnectionFigures,
  ReplicationFigures,
  StatementFigures,
  TableFigures,
} from './database-figures.ts';

/** Time limit of each part: the sizes of many partitions, or a lock, must not delay the other parts. */
export const PART_BUDGET_MS = 1_000;

/** Why a statistic is unavailable, in words for the answer. */
class StatisticUnavailable extends Error {
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

/** Why a part could not be read, in words for the answer. */
function whyMissing(error: unknown): string {
  if (error instanceof StatisticUnavailable) return error.message;
  if (isStatementTimeout(error)) return `not answered within ${PART_BUDGET_MS} ms`;
  return (error as Error).message;
}

/** Reads parts of an answer, each within its budget. A part that is unavailable is null, and is added to `missing`. */
export function partReader(pool: Pool, missing: MissingPart[]) {
  return async <T>(part: string, read: (client: PoolClient) => Promise<T>): Promise<T | null> => {
    try {
      return await readStatistic(pool, read, PART_BUDGET_MS);
    } catch (error) {
      missing.push({ part, reason: whyMissing(error) });
      return null;
    }
  };
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

interface ConnectionRow {
  total: number;
  active: number;
  idle: number;
  idle_in_transaction: number;
  waiting: number;
  hidden: number;
  max: number;
  longest_transaction_seconds: number;
}

// A connection of another role has neither a state nor a backend type. The server's own workers have no role.
export async function readConnections(client: PoolClient): Promise<ConnectionFigures> {
  const row = await onlyRow<ConnectionRow>(
    client,
    `select count(*) as total,
       count(*) filter (where state = 'active') as active,
       count(*) filter (where state = 'idle') as idle,
       count(*) filter (where state like 'idle in transaction%') as idle_in_transaction,
       count(*) filter (where state = 'active' and wait_event_type = 'Lock') as waiting,
       count(*) filter (where state is null) as hidden,
       current_setting('max_connections')::int as max,
       coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0)::float8 as longest_transaction_seconds
     from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()
       and (backend_type = 'client backend' or (backend_type is null and usesysid is not null))`,
  );
  const { idle_in_transaction: idleInTransaction, longest_transaction_seconds: seconds, ...counts } = row;
  return { ...counts, idleInTransaction, longestTransactionSeconds: seconds };
}

interface CacheRow {
  hit_ratio: number | null;
  commits: number;
  rollbacks: number;
  deadlocks: number;
  temp_bytes: number;
  since: Date | null;
}

export async function readCache(client: PoolClient): Promise<CacheFigures> {
  const row = await onlyRow<CacheRow>(
    client,
    `select blks_hit::float8 / nullif(blks_hit + blks_read, 0) as hit_ratio,
       xact_commit as commits, xact_rollback as rollbacks, deadlocks, temp_bytes, stats_reset as since
     from pg_stat_database where datname = current_database()`,
  );
  return {
    hitRatio: row.hit_ratio,
    commits: row.commits,
    rollbacks: row.rollbacks,
    deadlocks: row.deadlocks,
    temporaryBytes: row.temp_bytes,
    since: row.since?.toISOString() ?? null,
  };
}

interface TableRow {
  table_name: string;
  partitions: number;
  table_bytes: number;
  index_bytes: number;
  live_rows: number;
  dead_rows: number;
}

export async function readTables(client: PoolClient): Promise<TableFigures[]> {
  const { rows } = await client.query<TableRow>(
    // Partitions and the chunks of TimescaleDB belong to their table by inheritance.
    `with recursive part (oid, root) as (
       select c.oid, c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('analytics', 'tidemark_jobs') and c.relkind in ('r', 'p')
         and not exists (select from pg_inherits i where i.inhrelid = c.oid)
       union all
       select i.inhrelid, p.root from pg_inherits i join part p on p.oid = i.inhparent
     )
     select n.nspname || '.' || root.relname as table_name,
       count(*) filter (where p.oid <> p.root and c.relkind = 'r') as partitions,
       sum(pg_table_size(p.oid))::bigint as table_bytes,
       sum(pg_indexes_size(p.oid))::bigint as index_bytes,
       coalesce(sum(s.n_live_tup), 0)::bigint as live_rows,
       coalesce(sum(s.n_dead_tup), 0)::bigint as dead_rows
     from part p
     join pg_class c on c.oid = p.oid
     join pg_class root on root.oid = p.root
     join pg_namespace n on n.oid = root.relnamespace
     left join pg_stat_all_tables s on s.relid = p.oid
     group by 1
     order by sum(pg_total_relation_size(p.oid)) desc, 1`,
  );
  return rows.map(tableFiguresOf);
}

function tableFiguresOf(row: TableRow): TableFigures {
  return {
    table: row.table_name,
    partitions: row.partitions,
    tableBytes: row.table_bytes,
    indexBytes: row.index_bytes,
    rows: row.live_rows,
    deadRows: row.dead_rows,
  };
}

interface ReplicaRow {
  application_name: string | null;
  state: string | null;
  sync_state: string | null;
  lag_bytes: number | null;
  lag_seconds: number | null;
}

export async function readReplication(client: PoolClient): Promise<ReplicationFigures> {
  const { replica, lag } = await onlyRow<{ replica: boolean; lag: number | null }>(
    client,
    // A replica that has replayed all it received is not behind, however old the last transaction is.
    `select pg_is_in_recovery() as replica,
       case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
         else greatest(0, extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())) end::float8 as lag`,
  );
  const { rows } = await client.query<ReplicaRow>(
    `select application_name, state, sync_state,
       pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
         replay_lsn)::float8 as lag_bytes,
       extract(epoch from replay_lag)::float8 as lag_seconds
     from pg_stat_replication order by 1`,
  );
  return {
    role: replica ? 'replica' : 'primary',
    replayLagSeconds: replica ? lag : null,
    replicas: rows.map(replicaOf),
  };
}

function replicaOf(row: ReplicaRow): ReplicationFigures['replicas'][number] {
  return {
    name: row.application_name ?? '',
    state: row.state,
    syncState: row.sync_state,
    lagBytes: row.lag_bytes,
    lagSeconds: row.lag_seconds,
  };
}

interface StatementRow {
  query: string;
  calls: number;
  mean_exec_time: number;
  max_exec_time: number;
  total_exec_time: number;
  rows: number;
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
  const { rows } = await client.query<StatementRow>(
    // The view name comes quoted from the server's catalogue. Statements of other roles have no text.
    `select left(regexp_replace(query, '\\s+', ' ', 'g'), 500) as query, calls,
       mean_exec_time, max_exec_time, total_exec_time, rows
     from ${view}
     where dbid = (select oid from pg_database where datname = current_database())
       and query <> '<insufficient privilege>'
     order by mean_exec_time desc limit 10`,
  );
  return rows.map((row) => ({
    query: row.query,
    calls: row.calls,
    meanMs: row.mean_exec_time,
    maxMs: row.max_exec_time,
    totalMs: row.total_exec_time,
    rows: row.rows,
  }));
}
