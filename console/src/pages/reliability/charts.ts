import type { Reliability, ReliabilityPoint } from '../../calls/reliability.ts';
import type { ChartData, ChartSeries } from '../../charts/chart-data.ts';
import { colourOf, coloursOf } from '../../colour/palette.ts';
import { words as calls } from '../../words/calls.ts';
import { words } from '../../words/reliability.ts';
import { offeredPercentiles } from './search.ts';

/** The failures of calls, the most frequent cause of waiting first. */
const failures = ['throttled', 'timeout', 'error'] as const;

/** Given together, so that no two of them are alike. */
const percentileColours = coloursOf(offeredPercentiles);
const failureColours = coloursOf(failures);

/** The share of calls that failed. A bucket without calls is a gap. */
export function errorRateChart(data: Reliability): ChartData {
  const one = {
    ...{ id: 'errorRate', label: words.errorRate, colour: colourOf('error') },
    values: data.series.map(({ errorRate, invocations }) => (invocations === 0 ? null : errorRate)),
  };
  return { ...frameOf(data), series: [one], isAdditive: false };
}

/** Percentiles of the latency, which do not add up. */
export function latencyChart(data: Reliability): ChartData {
  // The answer has those that were asked for.
  const percentiles = Object.keys(data.totals.latencyMs).sort((one, other) => rankOf(one) - rankOf(other));
  const series = percentiles.map((percentile) => ({
    ...{ id: percentile, label: percentile },
    colour: percentileColours.get(percentile) ?? colourOf(percentile),
    values: data.series.map(({ latencyMs }) => latencyMs[percentile] ?? null),
  }));
  return { ...frameOf(data), series, isAdditive: false };
}

function rankOf(percentile: string): number {
  return Number(percentile.slice(1));
}

/** Failed calls by outcome, as far as there are any. */
export function failureChart(data: Reliability): ChartData {
  const series = failures
    .map(
      (status): ChartSeries => ({
        ...{ id: status, label: calls.statuses[status] },
        colour: failureColours.get(status) ?? colourOf(status),
        values: data.series.map((point) => failed(point, status)),
      }),
    )
    .filter(({ values }) => values.some((value) => value !== 0));
  return { ...frameOf(data), series };
}

function failed({ errors }: ReliabilityPoint, status: string): number {
  return errors[status] ?? 0;
}

function frameOf({ series, end }: Reliability): Pick<ChartData, 'buckets' | 'end' | 'partial'> {
  const buckets = series.map(({ bucketStart }) => Date.parse(bucketStart));
  const [before, last] = buckets.slice(-2);
  // A last bucket that has just begun is drawn as wide as the one before it.
  const least = last === undefined || before === undefined ? (before ?? 0) + 1 : 2 * last - before;
  return {
    ...{ buckets, end: Math.max(Date.parse(end), least) },
    partial: series.map(({ partial }) => partial === true),
  };
}
