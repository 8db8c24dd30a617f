import { expect, test } from 'vitest';
import type { Reliability, ReliabilityPoint } from '../../calls/reliability.ts';
import { errorRateChart, failureChart, latencyChart } from './charts.ts';

function point(hour: number, more: Partial<ReliabilityPoint> = {}): ReliabilityPoint {
  return {
    ...{ bucketStart: `2026-11-03T0${hour}:00:00Z`, invocations: 10, errorRate: 0.2 },
    ...{ errors: { error: 2 }, latencyMs: { p50: 5, p95: 50, p99: 90 } },
    ...more,
  };
}

const quiet = { invocations: 0, errorRate: 0, errors: {}, latencyMs: { p50: null, p95: null, p99: null } };

const data = {
  series: [point(0), point(1, quiet), point(2, { partial: true, errors: { timeout: 1, error: 1 } })],
  totals: point(0),
  end: '2026-11-03T02:05:00Z',
} as unknown as Reliability;

test('an hour without calls is a gap, not a rate of zero', () => {
  expect(errorRateChart(data).series[0]?.values).toEqual([0.2, null, 0.2]);
  expect(latencyChart(data).series.map(({ values }) => values[1])).toEqual([null, null, null]);
});

test('failures stand by outcome, and an outcome that never was is left out', () => {
  expect(failureChart(data).series.map(({ id, values }) => [id, values])).toEqual([
    ['timeout', [0, 0, 1]],
    ['error', [2, 0, 1]],
  ]);
});

test('the hour that has just begun is as wide as the others', () => {
  const { buckets, end, partial } = failureChart(data);
  expect(end - (buckets[2] ?? 0)).toBe(3_600_000);
  expect(partial).toEqual([false, false, true]);
});
