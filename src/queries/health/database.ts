import type { Pool, PoolClient } from 'pg';
import { isStatementTimeout } from '../../database/connection-error.ts';
import type { Missing, Percentiles, Realtime, RealtimeSource } from '../../telemetry/prometheus/realtime.ts';
import type { Clock } from '../../time.ts';
import {
  askStatistics,
  type CacheFigures,
  type ConnectionFigures,
  probe,
  type ReplicationFigures,
  readCache,
  readConnections,
  readReplication,
  readSlowStatements,
  readTables,
  type StatementFigures,
  StatisticAbsent,
  type TableFigures,
} from './database-statistics.ts';

export interface PoolFigures {
  pool: string;
  /** Connections it may have, has lent out, and has ready. */
  max: number;
  active: number;
  idle: number;
  /** Callers that wait for one. */
  waiting: number;
}

export interface DatabaseHealth {
  asOf: string;
  /** Of this process. */
  pools: PoolFigures[];
  latency: {
    /** A query that does nothing, just now. */
    probeMs: number;
    /** Those of the service, over the last `windowSeconds`: what was asked for where a Prometheus knows it. */
    queryMs: Percentiles;
    source: Realtime['source'];
    windowSeconds: number;
  };
  connections: ConnectionFigures | null;
  cache: CacheFigures | null;
  /** Largest first. */
  tables: TableFigures[] | null;
  totalBytes: number | null;
  replication: ReplicationFigures | null;
  /** Slowest first. */
  slowStatements: StatementFigures[] | null;
  missing: Missing[];
}

interface DatabaseSource {
  /** Where the questions are asked. */
  pool: Pool;
  pools: Readonly<Record<string, Pool>>;
  realtime: RealtimeSource;
  clock: Clock;
}

/** What each part may take: sizes of many partitions, or a lock, must not hold up the rest. */
const PART_BUDGET_MS = 1_000;

/**
 * How the database does, from its own statistics. A part that cannot be had is null, and named in `missing`.
 * @param range milliseconds up to now that the latency of queries is wanted of; all else is of now
 */
export async function answerDatabaseHealth(
  { pool, pools, realtime, clock }: DatabaseSource,
  range?: number,
): Promise<DatabaseHealth> {
  // Before the questions, which take connections themselves.
  const poolFigures = Object.entries(pools).map(([name, counted]) => figuresOfPool(name, counted));
  const [{ queryMs, source, windowSeconds, missing: ofService }, [probeMs, { missing, ...statistics }]] =
    await Promise.all([realtime.read(range), probeAndRead(pool)]);
  const { tables } = statistics;
  return {
    asOf: new Date(clock.now()).toISOString(),
    pools: poolFigures,
    latency: { probeMs, queryMs, source, windowSeconds },
    ...statistics,
    totalBytes: tables?.reduce((sum, { tableBytes, indexBytes }) => sum + tableBytes + indexBytes, 0) ?? null,
    missing: [
      ...missing,
      ...ofService
        .filter(({ part }) => part === 'queryMs')
        .map(({ reason }) => ({ part: 'latency.queryMs', reason })),
    ],
  };
}

/** @throws when even the probe fails: then the database is away, and so is the answer */
async function probeAndRead(pool: Pool): Promise<[number, Statistics]> {
  return [await askStatistics(pool, probe, PART_BUDGET_MS), await readStatistics(pool)];
}

type Statistics = Pick<
  DatabaseHealth,
  'connections' | 'cache' | 'tables' | 'replication' | 'slowStatements' | 'missing'
>;

/** One after the other on one connection: the pool has few, and others wait for them. */
async function readStatistics(pool: Pool): Promise<Statistics> {
  const missing: Missing[] = [];
  const take = async <T>(part: string, ask: (client: PoolClient) => Promise<T>): Promise<T | null> => {
    try {
      return await askStatistics(pool, ask, PART_BUDGET_MS);
    } catch (error) {
      missing.push({ part, reason: whyMissing(error) });
      return null;
    }
  };
  return {
    connections: await take('connections', readConnections),
    cache: await take('cache', readCache),
    tables: await take('tables', readTables),
    replication: await take('replication', readReplication),
    slowStatements: await take('slowStatements', readSlowStatements),
    missing,
  };
}

function figuresOfPool(name: string, { totalCount, idleCount, waitingCount, options }: Pool): PoolFigures {
  return {
    pool: name,
    max: options.max ?? totalCount,
    active: totalCount - idleCount,
    idle: idleCount,
    waiting: waitingCount,
  };
}

function whyMissing(error: unknown): string {
  if (error instanceof StatisticAbsent) return error.message;
  if (isStatementTimeout(error)) return `not answered within ${PART_BUDGET_MS} ms`;
  return (error as Error).message;
}
