import { inMilliseconds } from '../reading/in-milliseconds.ts';
import type { RollupQuery } from '../reading/query-rollups.ts';
import type { SeriesColumn } from '../reading/series-columns.ts';
import { Sketch, sketchColumns, sketchesSql } from '../reading/sketch.ts';

/** Figures of requests, from `api_request` events. Shares and times are null without requests. */
export interface RequestFigures {
  requests: number;
  /** Requests a second. */
  requestRate: number;
  /** Share answered with 5xx, 0 to 1. */
  errorRate: number | null;
  /** Share answered with 4xx: errors of clients, not of the platform. */
  clientErrorRate: number | null;
  /** Failed requests: `error` by the platform (5xx), `client_error` by the client (4xx). */
  errors: { error: number; client_error: number };
  latencyMs: LatencyFigures;
}

/** Milliseconds; percentiles within 1 % of the exact ones. */
export interface LatencyFigures {
  avg: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

/** A row that `requestSelection` selects. */
export interface RequestRow {
  status: string;
  count: number;
  value_sum: number | null;
  value_min: number | null;
  value_max: number | null;
  sketches: string | null;
}

type RequestSelection = Pick<RollupQuery, 'type' | 'groupBy' | 'columns' | 'select'>;

/** Selects the rows for figures of requests, grouped by `groupBy` too. */
export function requestSelection(groupBy: readonly SeriesColumn[] = []): RequestSelection {
  return {
    type: 'api_request',
    groupBy: ['status', ...groupBy],
    columns: ['count', 'value_sum', ...sketchColumns],
    select: `sum(r.count)::float8 as count, sum(r.value_sum)::float8 as value_sum, min(r.value_min) as value_min,
    max(r.value_max) as value_max, ${sketchesSql} as sketches`,
  };
}

/** The same without percentiles, whose sketches are most of the work. */
export const requestTimesSelection: RequestSelection = {
  type: 'api_request',
  groupBy: ['status'],
  columns: ['count', 'value_sum', 'value_max'],
  select: `sum(r.count)::float8 as count, sum(r.value_sum)::float8 as value_sum, null::bigint as value_min,
    max(r.value_max) as value_max, null::text as sketches`,
};

/** The same without durations: an index has all of its columns. */
export const requestCountsSelection: RequestSelection = {
  type: 'api_request',
  groupBy: ['status'],
  columns: ['count'],
  select: `sum(r.count)::bigint as count, null::bigint as value_sum, null::bigint as value_min,
    null::bigint as value_max, null::text as sketches`,
};

/** Sums of rollup rows. A tally can be cleared and used again, because a sketch is large. */
export class RequestTally {
  readonly #sketch = new Sketch();
  #requests = 0;
  #errors = { error: 0, client_error: 0 };
  #sum = 0;
  #max: number | null = null;

  clear(): void {
    this.#sketch.clear();
    this.#requests = 0;
    this.#errors = { error: 0, client_error: 0 };
    this.#sum = 0;
    this.#max = null;
  }

  add(row: RequestRow): void {
    this.#requests += row.count;
    if (row.status === 'error' || row.status === 'client_error') this.#errors[row.status] += row.count;
    this.#sum += row.value_sum ?? 0;
    if (row.value_max !== null) this.#max = Math.max(this.#max ?? 0, row.value_max);
    this.#sketch.add(row.sketches, row.value_min, row.value_max);
  }

  addTally(other: RequestTally): void {
    this.#requests += other.#requests;
    this.#errors.error += other.#errors.error;
    this.#errors.client_error += other.#errors.client_error;
    this.#sum += other.#sum;
    if (other.#max !== null) this.#max = Math.max(this.#max ?? 0, other.#max);
    this.#sketch.addSketch(other.#sketch);
  }

  /** @param seconds length of the time that the requests cover */
  figures(seconds: number): RequestFigures {
    const requests = this.#requests;
    const share = (count: number) => (requests === 0 ? null : count / requests);
    return {
      requests,
      requestRate: seconds > 0 ? Math.round((requests / seconds) * 1e6) / 1e6 : 0,
      errorRate: share(this.#errors.error),
      clientErrorRate: share(this.#errors.client_error),
      errors: { ...this.#errors },
      latencyMs: {
        avg: requests === 0 ? null : milliseconds(this.#sum / requests),
        p50: milliseconds(this.#sketch.quantile(0.5)),
        p95: milliseconds(this.#sketch.quantile(0.95)),
        p99: milliseconds(this.#sketch.quantile(0.99)),
        max: milliseconds(this.#max),
      },
    };
  }
}

function milliseconds(micros: number | null): number | null {
  return micros === null ? null : inMilliseconds(micros);
}

/** Seconds of a range that have passed. */
export function secondsPast({ start, end }: { start: number; end: number }, now: number): number {
  return Math.max(0, Math.min(end, now) - start) / 1_000;
}
