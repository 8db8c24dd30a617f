import { type CumulativeBucket, histogramQuantile } from './histogram-quantile.ts';

/** Where real-time figures come from: a Prometheus server, `/metrics` of other processes, or this process alone. */
export type RealtimeSourceName = 'prometheus' | 'scrape' | 'process';

/** The service's own figures of the last moments; what could not be had is null and named in `missing`. */
export interface Realtime {
  source: RealtimeSourceName;
  /** ISO 8601. */
  asOf: string;
  /** What rates and percentiles are taken over. */
  windowSeconds: number;
  /** Processes of the service that were heard of. */
  processes: number | null;
  /** Since the start of the one that has run longest. */
  uptimeSeconds: number | null;
  /** Requests answered a second, without probes and scrapes. */
  requestRate: number | null;
  /** Share of them answered with 5xx; null when there were none. */
  errorRate: number | null;
  latencyMs: Percentiles;
  /** Queries of the service to its database, from asking for a connection to the result. */
  queryMs: Percentiles;
  /** How far rollups are behind what is stored. */
  rollupLagSeconds: number | null;
  /** What is not there, and why: a field of these figures, or a process. */
  missing: MissingPart[];
  /** Processes that were asked and did not answer. */
  unreachable: string[];
}

export type Percentiles = Record<'p50' | 'p95' | 'p99', number | null>;

export interface MissingPart {
  part: string;
  reason: string;
}

export interface RealtimeSource {
  /**
   * Never throws, and answers within its budget whatever happens to what it asks.
   * @param window milliseconds that rates are taken over, by a source that can look back so far; else, and by
   *   default, those it is set to
   */
  read(window?: number): Promise<Realtime>;
}

/** A part of a reading, or why there is none. */
export type Part<T> = { value: T } | { missing: string };

/** What a source found out. Times are seconds since the epoch, as Prometheus has them. */
export interface Readings {
  startTimes: Part<number[]>;
  /** Requests a second by status code. */
  requestRates: Part<ReadonlyMap<string, number>>;
  latencySeconds: Part<CumulativeBucket[]>;
  querySeconds: Part<CumulativeBucket[]>;
  rollupLagSeconds: Part<number>;
}

const noPercentiles: Percentiles = { p50: null, p95: null, p99: null };

/** Probes and scrapes are no requests that anybody waits for. A pattern of Prometheus, which anchors it. */
export const UNCOUNTED_ROUTES = '/metrics|/analytics/v1/status/.*';

interface Frame {
  source: RealtimeSourceName;
  /** Milliseconds. */
  window: number;
  now: number;
  /** Processes that did not answer. */
  unreachable?: readonly MissingPart[];
}

/** The figures that readings amount to. */
export function realtimeOf(readings: Readings, { source, window, now, unreachable = [] }: Frame): Realtime {
  const absent: MissingPart[] = [...unreachable];
  const take = <T, R>(part: keyof Realtime, reading: Part<T>, use: (value: T) => R, otherwise: R): R => {
    if ('value' in reading) return use(reading.value);
    absent.push({ part, reason: reading.missing });
    return otherwise;
  };
  const { startTimes, requestRates, latencySeconds, querySeconds, rollupLagSeconds } = readings;
  const started = take('uptimeSeconds', startTimes, (times): number[] | null => times, null);
  const rates = take('requestRate', requestRates, (map): [string, number][] | null => [...map], null);
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
    latencyMs: take('latencyMs', latencySeconds, percentilesOf, noPercentiles),
    queryMs: take('queryMs', querySeconds, percentilesOf, noPercentiles),
    rollupLagSeconds: take('rollupLagSeconds', rollupLagSeconds, rounded, null),
    missing: absent,
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
