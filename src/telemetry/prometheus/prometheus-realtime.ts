import type { Clock } from '../../time.ts';
import { numberOf, PrometheusError, type PrometheusSample } from './answer.ts';
import { type PrometheusApi, reasonOf } from './api.ts';
import { type Part, type RealtimeSource, realtimeOf, UNCOUNTED_ROUTES } from './realtime.ts';

interface PrometheusOptions {
  api: PrometheusApi;
  clock: Clock;
  /** Milliseconds that rates are taken over unless more is asked for; Prometheus must have scraped twice within it. */
  window: number;
  /** Milliseconds it may take in all. */
  budget: number;
}

const REQUESTS = 'tidemark_http_request_duration_seconds';
const QUERIES = 'tidemark_database_query_duration_seconds';
const STARTS = 'tidemark_process_start_time_seconds';

function requestsOf(part: string) {
  return `${REQUESTS}_${part}{route!~"${UNCOUNTED_ROUTES}"}`;
}

/** The service's figures as a Prometheus server has them, which scrapes its processes. */
export function prometheusRealtime({
  api,
  clock,
  window: shortest,
  budget,
}: PrometheusOptions): RealtimeSource {
  return {
    async read(window = shortest) {
      const over = `[${Math.ceil(window / 1_000)}s]`;
      const signal = AbortSignal.timeout(budget);
      const ask = async (expression: string): Promise<Part<PrometheusSample[]>> => {
        try {
          return { value: await api.query(expression, signal) };
        } catch (error) {
          const reason = error instanceof PrometheusError ? error.message : reasonOf(error);
          return { missing: `Prometheus: ${reason}` };
        }
      };
      // Side by side, so that one slow part does not keep the others.
      const [starts, scrapes, requests, latency, queries, lag] = await Promise.all([
        ask(STARTS),
        ask(`min(count_over_time(${STARTS}${over}))`),
        ask(`sum by (status) (rate(${requestsOf('count')}${over}))`),
        ask(`sum by (le) (rate(${requestsOf('bucket')}${over}))`),
        ask(`sum by (le) (rate(${QUERIES}_bucket${over}))`),
        ask('max(tidemark_rollup_lag_seconds)'),
      ]);
      const unknown = unknownService(starts);
      // A rate of too few samples is empty, which must not be taken for no requests.
      const unsteady = unknown ?? tooFew(scrapes, window);
      const readings = {
        startTimes: unknown ?? map(starts, (samples) => samples.map(({ value }) => value)),
        requestRates:
          unsteady ??
          map(
            requests,
            (samples) => new Map(samples.map(({ labels, value }) => [labels.status ?? '', value])),
          ),
        latencySeconds: unsteady ?? map(latency, bucketsOf),
        querySeconds: unsteady ?? map(queries, bucketsOf),
        rollupLagSeconds: unknown ?? first(lag),
      };
      return realtimeOf(readings, { source: 'prometheus', window, now: clock.now() });
    },
  };
}

function map<T, R>(part: Part<T>, use: (value: T) => R): Part<R> {
  return 'value' in part ? { value: use(part.value) } : part;
}

function first(part: Part<PrometheusSample[]>): Part<number> {
  if ('missing' in part) return part;
  const value = part.value[0]?.value;
  return value === undefined ? { missing: 'Prometheus: has no such series' } : { value };
}

function unknownService(starts: Part<PrometheusSample[]>): { missing: string } | undefined {
  return 'value' in starts && starts.value.length === 0
    ? { missing: 'Prometheus: knows no process of the service; does it scrape /metrics?' }
    : undefined;
}

function tooFew(scrapes: Part<PrometheusSample[]>, window: number): { missing: string } | undefined {
  if ('missing' in scrapes || (scrapes.value[0]?.value ?? 0) >= 2) return undefined;
  return { missing: `Prometheus: has scraped less than twice in ${window / 1_000} s` };
}

function bucketsOf(samples: readonly PrometheusSample[]) {
  return samples.flatMap(({ labels: { le }, value }) =>
    le === undefined ? [] : [{ upTo: numberOf(le), count: value }],
  );
}
