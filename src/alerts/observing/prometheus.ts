import { PrometheusError } from '../../telemetry/prometheus/answer.ts';
import type { PrometheusApi } from '../../telemetry/prometheus/api.ts';
import { SECOND } from '../../time.ts';
import type { Measurement, Observation } from '../decision/observation.ts';
import { type Group, groupOfKey, keyOfGroup } from '../rules/group.ts';
import { MAX_GROUPS } from '../rules/rule.ts';
import { type Evaluation, type Observations, observationsOf } from './evaluation.ts';
import { groupOfLabels } from './series-labels.ts';
import { watchedGroups } from './watched-groups.ts';

/** Asks Prometheus for the values of an expression at a moment (milliseconds). */
export type AskPrometheus = (expression: string, at: number) => Promise<SeriesValue[]>;

/** The value of one series, which may be NaN or infinite. Its labels are in one fixed order. */
interface SeriesValue {
  labels: Group;
  value: number;
}

const TIMEOUT = 5 * SECOND;
/** The cheapest question takes no longer than this. */
const PROBE_TIMEOUT = 1.5 * SECOND;
const CHEAPEST = 'vector(1)';
/** The answer to a probe holds for so long: rules that fail together share one. */
const PROBE_HOLDS = SECOND;

/** The Prometheus that rules ask. */
export interface PrometheusSource {
  ask: AskPrometheus;
  /** Whether it answers anything at all. Cheap for both sides. */
  isAnswering(): Promise<boolean>;
}

/** Prometheus answers nothing, so the rule is not at fault. */
export class SourceAway extends Error {
  override readonly name = 'SourceAway';
}

/** @param api `undefined` if no Prometheus is set up: every question then fails with that reason */
export function createPrometheusSource(api: PrometheusApi | undefined): PrometheusSource {
  let probe: { at: number; answered: Promise<boolean> } | undefined;
  const isAnswering = (): Promise<boolean> => {
    if (!api) return Promise.resolve(false);
    const now = performance.now();
    if (probe === undefined || now - probe.at > PROBE_HOLDS) {
      const answered = api.query(CHEAPEST, AbortSignal.timeout(PROBE_TIMEOUT)).then(
        () => true,
        () => false,
      );
      probe = { at: now, answered };
    }
    return probe.answered;
  };
  return {
    isAnswering,
    async ask(expression, at) {
      if (!api) throw new Error('there is no Prometheus to ask: PROMETHEUS_URL is not set');
      const samples = await api
        .query(expression, AbortSignal.timeout(TIMEOUT), at)
        .catch(async (error: Error) => {
          const message = `Prometheus: ${error.message}`;
          const isRefusal = error instanceof PrometheusError && error.isRefusal;
          if (isRefusal || (await isAnswering())) throw new Error(message, { cause: error });
          throw new SourceAway(message, { cause: error });
        });
      if (samples.length > MAX_GROUPS) {
        throw new Error(`Prometheus: the expression has more than ${MAX_GROUPS} series: aggregate them`);
      }
      return samples.map(({ labels, value }) => ({ labels: groupOfLabels(labels), value }));
    },
  };
}

/** The measurement of a series without a value. */
export const NOTHING: Measurement = { value: null, samples: 0 };

/** The measurement of a series. NaN and infinite values count as missing. */
export function measurementOf(value: number | undefined): Measurement {
  return value !== undefined && Number.isFinite(value) ? { value, samples: 1 } : NOTHING;
}

/** Observes a rule over PromQL: one alert for each series. A series that is gone has no data. */
export async function observePrometheus(ask: AskPrometheus, evaluation: Evaluation): Promise<Observations> {
  const { rule, now, states } = evaluation;
  const expression = rule.expression ?? '';
  const [samples, before] = await Promise.all([
    ask(expression, now),
    rule.type === 'rate_of_change' ? ask(expression, now - rule.windowSeconds * SECOND) : [],
  ]);
  const measured = (of: readonly SeriesValue[]): Map<string, Measurement> =>
    new Map(of.map(({ labels, value }) => [keyOfGroup(labels), measurementOf(value)]));
  const [values, previous] = [measured(samples), measured(before)];
  const observed = new Map<string, Observation>();
  for (const key of [...values.keys(), ...states.keys()]) {
    observed.set(key, {
      complete: values.get(key) ?? NOTHING,
      current: [],
      previous: previous.get(key) ?? NOTHING,
      baseline: null,
      failure: null,
    });
  }
  const watched = watchedGroups(observed, states);
  const groups = [...watched].map(
    ([key, observation]) => [key, { group: groupOfKey(key), observation }] as const,
  );
  return observationsOf(new Map(groups), observed.size);
}
