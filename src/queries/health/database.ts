import type { Pool } from 'pg';
import type {
  MissingPart,
  Percentiles,
  Realtime,
  RealtimeSource,
} from '../../telemetry/prometheus/realtime.ts';
import type { Clock } from '../../time.ts';
import type {
  CacheFigures,
  ConnectionFigures,
  ReplicationFigures,
  StatementFigures,
  TableFigures,
} from './database-figures.ts';
import {
  PART_BUDGET_MS,
  partReader,
  probe,
  readCache,
  readConnections,
  readReplication,
  readSlowStatements,
  readStatistic,
  readTables,
} from './database-statistics.ts';

export interface PoolFigures {
  pool: string;
  /** Maximum number of connections. */
  max: number;
  /** Connections in use. */
  active: number;
  idle: number;
  /** Callers that wait for a connection. */
  waiting: number;
}

export interface DatabaseHealth {
  asOf: string;
  /** The pools of this process. */
  pools: PoolFigures[];
  latency: {
    /** Duration of an empty query. */
    probeMs: number;
    /** Queries of the service over the last `windowSeconds`. Only a Prometheus can answer for a requested range. */
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
  missing: MissingPart[];
}

interface DatabaseSource {
  /** The pool that runs the statements. */
  pool: Pool;
  /** The pools to report on. */
  pools: Readonly<Record<string, Pool>>;
  realtime: RealtimeSource;
  clock: Clock;
}

/**
 * The health of the database, from its own statistics. A part that is unavailable is null and named in `missing`.
 * @param range milliseconds up to now for the latency of queries; all other figures are current
 */
export async function answerDatabaseHealth(
  { pool, pools, realtime, clock }: DatabaseSource,
  range?: number,
): Promise<DatabaseHealth> {
  // Counted first, because reading the statistics takes connections itself.
  const poolFigures = Object.entries(pools).map(([name, counted]) => figuresOfPool(name, counted));
  const [
    { queryMs, source, windowSeconds, missing: missingOfService },
    [probeMs, { missing, ...statistics }],
  ] = await Promise.all([realtime.read(range), probeAndRead(pool)]);
  const { tables } = statistics;
  return {
    asOf: new Date(clock.now()).toISOString(),
    pools: poolFigures,
    latency: { probeMs, queryMs, source, windowSeconds },
    ...statistics,
    totalBytes: tables?.reduce((sum, { tableBytes, indexBytes }) => sum + tableBytes + indexBytes, 0) ?? null,
    missing: [
      ...missing,
      ...missingOfService
        .filter(({ part }) => part === 'queryMs')
        .map(({ reason }) => ({ part: 'latency.queryMs', reason })),
    ],
  };
}

/** @throws when the probe fails, because then the database cannot be reached at all */
async function probeAndRead(pool: Pool): Promise<[number, Statistics]> {
  return [await readStatistic(pool, probe, PART_BUDGET_MS), await readStatistics(pool)];
}

type Statistics = Pick<
  DatabaseHealth,
  'connections' | 'cache' | 'tables' | 'replication' | 'slowStatements' | 'missing'
>;

/** Reads the parts one by one on one connection: the pool has few, and other queries wait for them. */
async function readStatistics(pool: Pool): Promise<Statistics> {
  const missing: MissingPart[] = [];
  const readPart = partReader(pool, missing);
  return {
    connections: await readPart('connections', readConnections),
    cache: await readPart('cache', readCache),
    tables: await readPart('tables', readTables),
    replication: await readPart('replication', readReplication),
    slowStatements: await readPart('slowStatements', readSlowStatements),
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
