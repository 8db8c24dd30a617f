import { type CumulativeBucket, histogramQuantile } from './histogram-quantile.ts';

/** The source of real-time figures: a Prometheus server, `/metrics` of all processes, or this process alone. */
export type RealtimeSourceName = 'prometheus' | 'scrape' | 'process';

/** Current figures of the service itself. An unavailable figure is null and named in `missing`. */
export interface Realtime {
  source: RealtimeSourceName;
  /** ISO 8601. */
  asOf: string;
  /** Window of rates and percentiles. */
  windowSeconds: number;
  /** Number of processes that answered. */
  processes: number | null;
  /** Uptime of the oldest process. */
  uptimeSeconds: number | null;
  /** Requests a second, without probes and scrapes. */
  requestRate: number | null;
  /** Share of requests answered with 5xx; null without requests. */
  errorRate: number | null;
  latencyMs: Percentiles;
  /** Database queries of the service, from the request for a connection to the result. */
  queryMs: Percentiles;
  /** How far the rollups are behind the stored events. */
  rollupLagSeconds: number | null;
  /** Unavailable fields or processes, with the reason. */
  missing: MissingPart[];
  /** Processes that did not answer. */
  unreachable: string[];
}

export type Percentiles = Record<'p50' | 'p95' | 'p99', number | null>;

export interface MissingPart {
  part: string;
  reason: string;
}

/** The gauges of all processes that tell what waits between a producer and the rollups. */
export const WAITING_GAUGES = [
  'tidemark_queue_events',
  'tidemark_rabbitmq_backlog_messages',
  'tidemark_rabbitmq_dead_letter_messages',
  'tidemark_rabbitmq_held_messages',
  'tidemark_rabbitmq_state',
] as const;

/** One gauge of one process. */
export interface GaugeSample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

export interface WaitingGauges extends Pick<Realtime, 'source' | 'missing'> {
  samples: GaugeSample[];
}

export interface RealtimeSource {
  /**
   * Never throws, and answers within its time limit even if its sources do not.
   * @param window window of rates in milliseconds. A source that cannot look back that far uses its default.
   */
  read(window?: number): Promise<Realtime>;
  /** The current `WAITING_GAUGES` of all processes. It keeps the promises of `read`. */
  readWaiting(): Promise<WaitingGauges>;
}

/** A part of a reading, or the reason why it is missing. */
export type Part<T> = { value: T } | { missing: string };

/** The readings of a source. Times are seconds since the epoch, as in Prometheus. */
export interface Readings {
  startTimes: Part<number[]>;
  /** Requests a second by status code. */
  requestRates: Part<ReadonlyMap<string, number>>;
  latencySeconds: Part<CumulativeBucket[]>;
  querySeconds: Part<CumulativeBucket[]>;
  rollupLagSeconds: Part<number>;
}

const noPercentiles: Percentiles = { p50: null, p95: null, p99: null };

/** Routes of probes and scrapes, which nobody waits for. A regular expression that Prometheus anchors. */
export const UNCOUNTED_ROUTES = '/metrics|/analytics/v1/status/.*';

interface ReadContext {
  source: RealtimeSourceName;
  /** Milliseconds. */
  window: number;
  now: number;
  /** Processes that did not answer. */
  unreachable?: readonly MissingPart[];
  /** Processes whose figures are left out in part. */
  unusable?: readonly MissingPart[];
}

/** Computes the figures from readings. */
export function realtimeOf(
  readings: Readings,
  { source, window, now, unreachable = [], unusable = [] }: ReadContext,
): Realtime {
  const missing: MissingPart[] = [...unreachable, ...unusable];
  const readPart = <T, R>(part: keyof Realtime, reading: Part<T>, use: (value: T) => R, otherwise: R): R => {
    if ('value' in reading) return use(reading.value);
    missing.push({ part, reason: reading.missing });
    return otherwise;
  };
  const { startTimes, requestRates, latencySeconds, querySeconds, rollupLagSeconds } = readings;
  const started = readPart('uptimeSeconds', startTimes, (times): number[] | null => times, null);
  const rates = readPart('requestRate', requestRates, (map): [string, number][] | null => [...map], null);
  const requestRate = rates?.reduce((sum, [, rate]) => sum + rate, 0) ?? null;
  const failed = rates?.filter(([status]) => status.startsWith('5')).reduce((sum, [, rate]) => sum + rate, 0);
  return {
    source,
    asOf: new Date(now).toISOString(),
    windowSeconds: window / 1_000,
    processes: started?.length ?? null,
    uptimeSeconds: started === null ? null : Math.max(0, Math.round(now / 1_000 - Math.min(...started))),
    requestRate: requestRate === null ? null : rounded(requestRate),
    errorRate: requestRate ? rounded((failed ?? 0) / requestRate) : null,
    latencyMs: readPart('latencyMs', latencySeconds, percentilesOf, noPercentiles),
    queryMs: readPart('queryMs', querySeconds, percentilesOf, noPercentiles),
    rollupLagSeconds: readPart('rollupLagSeconds', rollupLagSeconds, rounded, null),
    missing,
    unreachable: unreachable.map(({ part }) => part),
  };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function percentilesOf(buckets: readonly CumulativeBucket[]): Percentiles {
  const ms = (q: number) => {
    const found = histogramQuantile(q, buckets);
    return found === null ? null : rounded(found * 1_000);
  };
  return { p50: ms(0.5), p95: ms(0.95), p99: ms(0.99) };
}
