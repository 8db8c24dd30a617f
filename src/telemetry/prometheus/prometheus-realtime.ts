import type { Clock } from '../../time.ts';
import { numberOf, PrometheusError, type PrometheusSample } from './answer.ts';
import { type PrometheusApi, reasonOf } from './api.ts';
import {
  type MissingPart,
  type Part,
  type RealtimeSource,
  realtimeOf,
  UNCOUNTED_ROUTES,
  WAITING_GAUGES,
} from './realtime.ts';

interface PrometheusOptions {
  api: PrometheusApi;
  clock: Clock;
  /** Default window of rates, in milliseconds. Prometheus must have scraped twice within it. */
  window: number;
  /** Time limit of a read, in milliseconds. */
  budget: number;
}

const REQUESTS = 'tidemark_http_request_duration_seconds';
const QUERIES = 'tidemark_database_query_duration_seconds';
const STARTS = 'tidemark_process_start_time_seconds';
const LAG = 'tidemark_rollup_lag_seconds';

function requestsOf(part: string) {
  return `${REQUESTS}_${part}{route!~"${UNCOUNTED_ROUTES}"}`;
}

/** Reads the service's figures from the Prometheus server that scrapes its processes. */
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
      const query = async (expression: string): Promise<Part<PrometheusSample[]>> => {
        try {
          const samples = await api.query(expression, signal);
          return samples.every(({ value }) => Number.isFinite(value))
            ? { value: samples }
            : { missing: 'Prometheus: a value is NaN or infinite' };
        } catch (error) {
          return { missing: whyNot(error) };
        }
      };
      // In parallel, so that one slow part does not delay the others.
      const [starts, scrapes, requests, latency, queries, lag, odd] = await Promise.all([
        // `>= 0` leaves out NaN, which a sum over processes would spread to the figures of all.
        query(`${STARTS} >= 0`),
        query(`min(count_over_time(${STARTS}${over}))`),
        query(`sum by (status) (rate(${requestsOf('count')}${over}) >= 0)`),
        query(`sum by (le) (rate(${requestsOf('bucket')}${over}) >= 0)`),
        query(`sum by (le) (rate(${QUERIES}_bucket${over}) >= 0)`),
        query(`max(${LAG} >= 0)`),
        // Only a NaN differs from itself.
        query(
          `group by (instance) (${[
            STARTS,
            LAG,
            requestsOf('count'),
            requestsOf('bucket'),
            `${QUERIES}_bucket`,
          ]
            .map((series) => `${series} != ${series}`)
            .join(' or ')})`,
        ),
      ]);
      const unknown = unknownService(starts);
      // A rate of too few samples is empty, which does not mean that there were no requests.
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
      const unusable = 'value' in odd ? odd.value.map(({ labels }) => leftOut(labels.instance)) : [];
      return realtimeOf(readings, { source: 'prometheus', window, now: clock.now(), unusable });
    },
    async readWaiting() {
      const source = 'prometheus';
      try {
        const found = await api.query(
          `{__name__=~"${WAITING_GAUGES.join('|')}"}`,
          AbortSignal.timeout(budget),
        );
        const samples = found
          .filter(({ value }) => Number.isFinite(value))
          .map(({ labels, value }) => ({ name: labels.__name__ ?? '', labels, value }));
        return { source, missing: [], samples };
      } catch (error) {
        return { source, missing: [{ part: 'events, rabbitmq', reason: whyNot(error) }], samples: [] };
      }
    },
  };
}

function whyNot(error: unknown): string {
  return `Prometheus: ${error instanceof PrometheusError ? error.message : reasonOf(error)}`;
}

/** The process whose NaN is left out of the figures. */
function leftOut(instance = 'a process'): MissingPart {
  return { part: instance, reason: 'Prometheus: a metric of it has a value that is NaN' };
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
    ? { missing: 'Prometheus: has no metrics of the service; check that it scrapes /metrics' }
    : undefined;
}

function tooFew(scrapes: Part<PrometheusSample[]>, window: number): { missing: string } | undefined {
  if ('missing' in scrapes || (scrapes.value[0]?.value ?? 0) >= 2) return undefined;
  return {
    missing: `Prometheus: has scraped less than twice in ${window / 1_000} s; scrape more often, or raise REALTIME_WINDOW`,
  };
}

function bucketsOf(samples: readonly PrometheusSample[]) {
  return samples.flatMap(({ labels: { le }, value }) =>
    le === undefined ? [] : [{ upTo: numberOf(le), count: value }],
  );
}
