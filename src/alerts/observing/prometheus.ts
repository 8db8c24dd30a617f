import type { PrometheusSample } from '../../telemetry/prometheus/answer.ts';
import type { PrometheusApi } from '../../telemetry/prometheus/api.ts';
import { SECOND } from '../../time.ts';
import type { Measurement, Observation } from '../decision/observation.ts';
import { type Group, groupOfKey, keyOfGroup } from '../rules/group.ts';
import { MAX_GROUPS } from '../rules/rule.ts';
import type { Observed, Occasion } from './rollups.ts';
import { watchedGroups } from './watched-groups.ts';

/** Asks Prometheus for the values of an expression at a moment (milliseconds). */
export type AskPrometheus = (expression: string, at: number) => Promise<Sample[]>;

/** One series: its labels in one order; the value may be NaN or infinite. */
interface Sample {
  labels: Group;
  value: number;
}

const TIMEOUT = 5 * SECOND;
const MAX_LABEL = 200;

/** Asks a Prometheus; `undefined` where none is set up. */
export function createAskPrometheus(api: PrometheusApi | undefined): AskPrometheus {
  return async (expression, at) => {
    if (!api) throw new Error('there is no Prometheus to ask: PROMETHEUS_URL is not set');
    const samples = await api.query(expression, AbortSignal.timeout(TIMEOUT), at).catch((error: Error) => {
      throw new Error(`Prometheus: ${error.message}`, { cause: error });
    });
    if (samples.length > MAX_GROUPS) {
      throw new Error(`Prometheus: more than ${MAX_GROUPS} series; aggregate them`);
    }
    return samples.map(({ labels, value }) => ({ labels: inOneOrder(labels), value }));
  };
}

/** The labels of a series as those of a group. */
export function inOneOrder(labels: PrometheusSample['labels']): Group {
  return Object.fromEntries(
    Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, value.slice(0, MAX_LABEL)]),
  );
}

/** Of a series that has no value. */
export const NOTHING: Measurement = { value: null, samples: 0 };

/** What a value of a series says: NaN and infinite ones say as little as none. */
export function measurementOf(value: number | undefined): Measurement {
  return value !== undefined && Number.isFinite(value) ? { value, samples: 1 } : NOTHING;
}

/** Observes a rule over PromQL: one alert for each series. A series that is gone has no data. */
export async function observePrometheus(ask: AskPrometheus, occasion: Occasion): Promise<Observed> {
  const { rule, now, known } = occasion;
  const expression = rule.expression ?? '';
  const [samples, before] = await Promise.all([
    ask(expression, now),
    rule.type === 'rate_of_change' ? ask(expression, now - rule.windowSeconds * SECOND) : [],
  ]);
  const measured = (of: readonly Sample[]): Map<string, Measurement> =>
    new Map(of.map(({ labels, value }) => [keyOfGroup(labels), measurementOf(value)]));
  const [values, previous] = [measured(samples), measured(before)];
  const observed = new Map<string, Observation>();
  for (const group of [...samples.map(({ labels }) => labels), ...known]) {
    const key = keyOfGroup(group);
    observed.set(key, {
      complete: values.get(key) ?? NOTHING,
      current: [],
      previous: previous.get(key) ?? NOTHING,
      baseline: null,
      failure: null,
    });
  }
  const watched = [...watchedGroups(observed, occasion)];
  return {
    found: new Map(watched.map(([key, observation]) => [key, { group: groupOfKey(key), observation }])),
    groups: observed.size,
  };
}
