import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from './duration-buckets.ts';

export function createIngestionMetrics(registers: Registry[]) {
  return {
    /** `source`: http, import, rabbitmq or self; `outcome`: stored, duplicate, conflict or rejected. */
    ingestedEvents: new Counter({
      name: 'tidemark_ingest_events_total',
      help: 'Events received, by source and outcome.',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    cutTexts: new Counter({
      name: 'tidemark_ingest_cut_texts_total',
      help: 'Error codes and messages of events that were cut because they were too long, by source.',
      labelNames: ['source'],
      registers,
    }),
    mergedRows: new Counter({
      name: 'tidemark_ingest_merged_rows_total',
      help: 'Stored rows that count as (other), because their org has QUOTA_DETAILED_SERIES series, by source.',
      labelNames: ['source'],
      registers,
    }),
    /** `reason`: overloaded or unavailable. */
    refusedSubmissions: new Counter({
      name: 'tidemark_ingest_refused_total',
      help: 'Submissions refused unread, because the queue was full or the database could not be reached.',
      labelNames: ['source', 'reason'],
      registers,
    }),
    flushEvents: new Histogram({
      name: 'tidemark_flush_events',
      help: 'Events stored in one transaction.',
      buckets: [1, 10, 50, 100, 500, 1_000, 2_500, 5_000, 10_000],
      registers,
    }),
    flushSeconds: new Histogram({
      name: 'tidemark_flush_duration_seconds',
      help: 'Duration of a transaction that stores events.',
      buckets: durationBuckets,
      registers,
    }),
    /** Reads the number of queued events whenever metrics are collected. */
    observeQueue(depth: () => number): void {
      new Gauge({
        name: 'tidemark_queue_events',
        help: 'Events held in memory that are not stored yet.',
        registers,
        collect() {
          this.set(depth());
        },
      });
    },
  };
}
