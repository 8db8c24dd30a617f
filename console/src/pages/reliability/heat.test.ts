import { expect, test } from 'vitest';
import type { Reliability } from '../../calls/reliability.ts';
import { heatGranularity, heatOf, heatOfValue, heatValue } from './heat.ts';

const HOUR = 3_600_000;

function point(hour: number, modelId: string | null, invocations: number, more = {}) {
  const bucketStart = `2026-11-03T0${hour}:00:00Z`;
  return { bucketStart, modelId, invocations, errorRate: 0.5, errors: {}, latencyMs: { p95: 9 }, ...more };
}

const data = {
  series: [
    point(1, 'b', 50),
    point(0, 'a', 1),
    point(0, 'b', 5),
    point(0, null, 99, { rest: true }),
    point(1, 'a', 0),
  ],
  end: '2026-11-03T01:20:00Z',
} as unknown as Reliability;

test('the model with the most calls comes first, and the rest is no model', () => {
  const { buckets, rows } = heatOf(data);
  expect(rows.map(({ model, points }) => [model, points.map((one) => one?.invocations)])).toEqual([
    ['b', [5, 50]],
    ['a', [1, 0]],
  ]);
  expect(buckets.map(({ start, end }) => end - start)).toEqual([HOUR, HOUR / 3]);
});

test('an hour without calls has no value, also none of zero', () => {
  const [, a] = heatOf(data).rows;
  expect(heatValue('errorRate', a?.points[1])).toBeNull();
  expect(heatValue('errorRate', undefined)).toBeNull();
  expect(heatValue('p95', a?.points[0])).toBe(9);
});

test('few errors stay pale, also where they are the most', () => {
  expect(heatOfValue('errorRate', 0.005, 0.005)).toBeCloseTo(0.1);
  expect(heatOfValue('errorRate', 0.9, 1)).toBe(1);
  expect(heatOfValue('p95', 500, 1_000)).toBe(0.5);
});

test('hours as long as there is room for them', () => {
  expect([1, 24, 168, 720].map((hours) => heatGranularity(hours * HOUR))).toEqual([
    'quarter_hour',
    'hour',
    'hour',
    'day',
  ]);
});
