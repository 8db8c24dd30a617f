import parse from 'parse-prometheus-text-format';
import { numberOf } from './answer.ts';
import { type GaugeSample, UNCOUNTED_ROUTES, WAITING_GAUGES } from './realtime.ts';

/** The kept values of one scrape of one process. Counts are since its start. */
export interface Scrape {
  /** Milliseconds since the epoch. */
  at: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Requests by status code; like both histograms, `undefined` if one of its values is NaN or infinite. */
  requests: ReadonlyMap<string, number> | undefined;
  /** Cumulative buckets of request durations, in seconds. */
  latency: ReadonlyMap<number, number> | undefined;
  /** Cumulative buckets of database query durations, in seconds. */
  queries: ReadonlyMap<number, number> | undefined;
  /** `undefined` in a process without roll-ups. */
  rollupLagSeconds: number | undefined;
  /** Those of `WAITING_GAUGES` that the process has; without values that are NaN or infinite. */
  waiting: readonly GaugeSample[];
  /** The metrics that are left out, because a value is NaN or infinite. */
  unusable: readonly string[];
}

const uncounted = new RegExp(`^(${UNCOUNTED_ROUTES})$`);

/**
 * Reads `/metrics` of a process of the service.
 * @param text in the text format of Prometheus
 * @throws {Error} when the text has no metrics of the service
 */
export function readScrape(text: string, at: number): Scrape {
  const samples = new Map<string, { labels: Record<string, string>; value: number }[]>();
  for (const family of parse(ownSamples(text))) {
    const rows = family.metrics.map(({ labels = {}, value = 'NaN' }) => ({ labels, value: numberOf(value) }));
    samples.set(family.name, [...(samples.get(family.name) ?? []), ...rows]);
  }
  const unusable: string[] = [];
  const of = (name: string) => {
    const rows = samples.get(`tidemark_${name}`) ?? [];
    if (rows.every(({ value }) => Number.isFinite(value))) return rows;
    unusable.push(`tidemark_${name}`);
    return undefined;
  };
  const add = <Key>(rows: ReturnType<typeof of>, keyOf: (labels: Record<string, string>) => Key) => {
    // Without its NaN alone, a sum would be too small now, and seem to jump once the value is there.
    if (rows === undefined) return undefined;
    const sums = new Map<Key, number>();
    for (const { labels, value } of rows) {
      if (labels.route !== undefined && uncounted.test(labels.route)) continue;
      const key = keyOf(labels);
      sums.set(key, (sums.get(key) ?? 0) + value);
    }
    return sums;
  };
  const started = of('process_start_time_seconds')?.[0]?.value;
  if (started === undefined) throw new Error('has no metrics of the service; check METRICS_TARGETS');
  const upTo = (labels: Record<string, string>) => numberOf(labels.le ?? '');
  return {
    at,
    startedAt: started * 1_000,
    requests: add(of('http_request_duration_seconds_count'), (labels) => labels.status ?? ''),
    latency: add(of('http_request_duration_seconds_bucket'), upTo),
    queries: add(of('database_query_duration_seconds_bucket'), upTo),
    rollupLagSeconds: of('rollup_lag_seconds')?.[0]?.value,
    waiting: WAITING_GAUGES.flatMap((name) =>
      (samples.get(name) ?? [])
        .filter(({ value }) => Number.isFinite(value))
        .map(({ labels, value }) => ({ name, labels, value })),
    ),
    unusable,
  };
}

/**
 * Removes comments, because with a type the parser merges the histograms of all labels into one. Adds a line end to the
 * last line, because the parser would ignore it otherwise.
 */
function ownSamples(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.startsWith('tidemark_'))
    .map((line) => `${line}\n`)
    .join('');
}
