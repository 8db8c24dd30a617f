import { Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from './duration-buckets.ts';

/** A database pool as node-postgres counts it. */
export interface PoolCounts {
  totalCount: number;
  idleCount: number;
  waitingCount: number;
}

export function createDatabaseMetrics(registers: Registry[]) {
  return {
    /** `pool`: read, auth, write or store. */
    querySeconds: new Histogram({
      name: 'tidemark_database_query_duration_seconds',
      help: 'Time from the request for a connection to the result of a query, by pool; without queries in transactions.',
      labelNames: ['pool'],
      buckets: durationBuckets,
      registers,
    }),
    /** Reads the counts of the named pools whenever metrics are collected. */
    observePools(pools: Readonly<Record<string, PoolCounts>>): void {
      new Gauge({
        name: 'tidemark_database_pool_connections',
        help: 'Connections to PostgreSQL, by pool and state: busy or idle.',
        labelNames: ['pool', 'state'],
        registers,
        collect() {
          for (const [pool, { totalCount, idleCount }] of Object.entries(pools)) {
            this.set({ pool, state: 'busy' }, totalCount - idleCount);
            this.set({ pool, state: 'idle' }, idleCount);
          }
        },
      });
      new Gauge({
        name: 'tidemark_database_pool_waiting',
        help: 'Callers that wait for a connection to PostgreSQL, by pool.',
        labelNames: ['pool'],
        registers,
        collect() {
          for (const [pool, { waitingCount }] of Object.entries(pools)) this.set({ pool }, waitingCount);
        },
      });
    },
  };
}
