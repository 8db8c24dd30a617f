import { Counter, Histogram, type Registry } from 'prom-client';

export function createExportMetrics(registers: Registry[]) {
  return {
    /** `outcome`: succeeded, again (to be tried again), failed, cancelled, lost (to another worker) or stopped. */
    exports: new Counter({
      name: 'tidemark_exports_total',
      help: 'Attempts to write an export, by dataset and outcome.',
      labelNames: ['dataset', 'outcome'],
      registers,
    }),
    exportSeconds: new Histogram({
      name: 'tidemark_export_duration_seconds',
      help: 'Time of an attempt to write an export, by dataset.',
      labelNames: ['dataset'],
      buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600],
      registers,
    }),
  };
}
