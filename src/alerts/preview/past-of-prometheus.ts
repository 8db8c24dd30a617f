import { CodedError, refuseField } from '../../errors.ts';
import { PrometheusError, type PrometheusSeries } from '../../telemetry/prometheus/answer.ts';
import type { PrometheusApi } from '../../telemetry/prometheus/api.ts';
import { SECOND } from '../../time.ts';
import { measurementOf, NOTHING } from '../observing/prometheus.ts';
import { groupOfLabels } from '../observing/series-labels.ts';
import { type Group, keyOfGroup } from '../rules/group.ts';
import { MAX_GROUPS, type Rule } from '../rules/rule.ts';
import { every, MOST_GROUPS, type Past, type PastWanted } from './past.ts';

/** Prometheus returns at most 11,000 moments at a time. */
const MOST_MOMENTS = 10_800;
/** The most points of all series together: more is not worth reading for the few series that are replayed. */
const MOST_POINTS = 1_000_000;
/** The moments of the first query, which finds out how many series there are. */
const SCOUTED = 240;
/** Shorter than the timeout of a request. */
const TIMEOUT = 20 * SECOND;

interface Series {
  group: Group;
  values: ReadonlyMap<number, number>;
  first: number;
}

/**
 * The past of a rule over PromQL, as far as Prometheus keeps it.
 * @throws {CodedError} `invalid_request` if Prometheus refuses the expression, `unavailable` if it gives no answer
 */
export async function pastOfPrometheus(
  api: PrometheusApi | undefined,
  rule: Rule,
  { now: present, reach, until: now = present, only }: PastWanted,
): Promise<Past> {
  if (!api) throw new CodedError('unavailable', 'There is no Prometheus to ask: PROMETHEUS_URL is not set.');
  const signal = AbortSignal.timeout(TIMEOUT);
  const over = (step: number, before = 0): Promise<Series[]> => {
    // Whole steps back from now, so that the last moment is now, as in a live evaluation.
    const start = now - Math.floor(reach / step) * step;
    const moments = { start: start - before, end: now - before, step };
    return ask(() => api.queryRange(rule.expression ?? '', signal, moments));
  };
  const { length: expected } = await over(Math.ceil(reach / SCOUTED / SECOND) * SECOND);
  if (expected > MAX_GROUPS)
    throw refuseField(
      '$.expression',
      `has ${expected} series, and at most ${MAX_GROUPS} are allowed: aggregate them`,
    );
  const step = stepFor(rule, reach, expected);
  const window = rule.windowSeconds * SECOND;
  const series = await over(step);
  const before = new Map(
    rule.type === 'rate_of_change'
      ? (await over(step, window)).map(({ group, values }) => [keyOfGroup(group), values])
      : [],
  );
  const asked = only ? series.filter(({ group }) => keyOfGroup(group) === keyOfGroup(only.group)) : series;
  const watched = asked.toSorted((a, b) => b.values.size - a.values.size).slice(0, MOST_GROUPS);
  return {
    start: now - Math.floor(reach / step) * step,
    end: now,
    coarseUntil: now - Math.floor(reach / step) * step,
    step,
    dataFrom: series.length === 0 ? null : series.reduce((at, { first }) => Math.min(at, first), now),
    groups: watched.map(({ group, values, first }) => {
      const earlier = before.get(keyOfGroup(group));
      return {
        group,
        moments: every(step, first, now),
        observe: (at) => ({
          complete: measurementOf(values.get(at)),
          current: [],
          previous: earlier === undefined ? NOTHING : measurementOf(earlier.get(at - window)),
          baseline: null,
          failure: null,
        }),
      };
    }),
    groupsLeftOut: asked.length - watched.length,
  };
}

/** The interval of the rule, or a longer one that keeps the answer small. */
function stepFor({ intervalSeconds }: Rule, reach: number, series: number): number {
  const moments = Math.min(MOST_MOMENTS, Math.floor(MOST_POINTS / Math.max(1, series)));
  return Math.max(intervalSeconds, Math.ceil(reach / SECOND / moments)) * SECOND;
}

async function ask(query: () => Promise<PrometheusSeries[]>): Promise<Series[]> {
  try {
    return (await query()).map(({ labels, values }) => ({
      group: groupOfLabels(labels),
      values: new Map(values.map(({ at, value }) => [at, value])),
      first: values[0]?.at ?? Number.POSITIVE_INFINITY,
    }));
  } catch (error) {
    if (!(error instanceof PrometheusError)) throw error;
    if (error.isRefusal) throw refuseField('$.expression', `is refused by Prometheus: ${error.message}`);
    throw new CodedError('unavailable', `Prometheus: ${error.message}.`, { cause: error });
  }
}
