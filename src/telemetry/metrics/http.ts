import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from './duration-buckets.ts';

export function createHttpMetrics(registers: Registry[]) {
  return {
    /** `route` is the pattern, never the path. */
    requestSeconds: new Histogram({
      name: 'tidemark_http_request_duration_seconds',
      help: 'Time from a request to its answer, by route.',
      labelNames: ['method', 'route', 'status'],
      buckets: durationBuckets,
      registers,
    }),
    /** Reads the bytes of bodies in memory whenever metrics are collected. */
    observeBodies(bytes: () => number): void {
      new Gauge({
        name: 'tidemark_http_body_bytes',
        help: 'Bytes of request bodies held in memory.',
        registers,
        collect() {
          this.set(bytes());
        },
      });
    },
    selfReportsDropped: new Counter({
      name: 'tidemark_self_reports_dropped_total',
      help: 'Requests that the service did not report about itself, because it was busy.',
      registers,
    }),
  };
}
