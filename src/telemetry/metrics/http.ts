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
    /** These read the figures whenever metrics are collected. */
    observeBodies: gaugeOf('tidemark_http_body_bytes', 'Bytes of request bodies held in memory.', registers),
    observeAnswers: gaugeOf(
      'tidemark_http_answer_bytes',
      'Bytes of answers that wait until their callers read them.',
      registers,
    ),
    observeConnections: gaugeOf('tidemark_http_connections', 'Open connections of callers.', registers),
    observeQuestions: gaugeOf('tidemark_questions_waiting', 'Questions that wait for their turn.', registers),
    refusedQuestions: new Counter({
      name: 'tidemark_questions_refused_total',
      help: 'Questions refused, because too many of their caller ran or waited.',
      registers,
    }),
    slowReaders: new Counter({
      name: 'tidemark_http_slow_readers_total',
      help: 'Connections cut off, because they took no byte of an answer for 10 s.',
      registers,
    }),
    refusedConnections: new Counter({
      name: 'tidemark_http_refused_connections_total',
      help: 'Connections closed at once, because their address had its share of `MAX_CONNECTIONS`.',
      registers,
    }),
    selfReportsDropped: new Counter({
      name: 'tidemark_self_reports_dropped_total',
      help: 'Requests that the service did not report about itself, because it was busy.',
      registers,
    }),
  };
}

/** A function that starts a gauge of a figure. */
function gaugeOf(name: string, help: string, registers: Registry[]) {
  return (figure: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(figure());
      },
    });
  };
}
