import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
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
    /** `grain`: that of the roll-up. */
    incompleteRollups: new Counter({
      name: 'tidemark_rollup_incomplete_total',
      help: 'Roll-ups that did not find all rows of a batch or fold, and left it for later, by grain.',
      labelNames: ['grain'],
      registers,
    }),
    /** `what`: batch or fold. */
    incompleteWork: new Gauge({
      name: 'tidemark_rollup_incomplete',
      help: 'Batches and folds that wait because some of their rows cannot be found.',
      labelNames: ['what'],
      registers,
    }),
  };
}
