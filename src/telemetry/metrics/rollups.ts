import { Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from './duration-buckets.ts';

export function createRollupMetrics(registers: Registry[]) {
  return {
    rollupLagSeconds: new Gauge({
      name: 'tidemark_rollup_lag_seconds',
      help: 'Age of the oldest stored event that is not rolled up yet; 0 if there is none.',
      registers,
    }),
    /** `grain`: minute, quarter_hour, hour, day or week. */
    rollupSeconds: new Histogram({
      name: 'tidemark_rollup_duration_seconds',
      help: 'Duration of one roll-up, by grain.',
      labelNames: ['grain'],
      buckets: durationBuckets,
      registers,
    }),
  };
}
