import { expect, test } from 'vitest';
import { chartOfGroups } from './grouped.ts';

interface Point {
  bucketStart: string;
  partial?: true;
  rest?: true;
  modelId: string | null;
  value: number;
}

const options = {
  end: '2026-11-03T02:00:00Z',
  restGroups: 0,
  groupOf: ({ modelId }: Point) => modelId,
  labelOf: (group: string) => group.toUpperCase(),
  colourOf: () => '#000000',
  sum: (points: readonly Point[]) => ({
    ...(points[0] as Point),
    value: points.reduce((total, { value }) => total + value, 0),
  }),
  value: ({ value }: Point) => value,
};

function point(hour: number, modelId: string | null, value: number, more: Partial<Point> = {}): Point {
  return { bucketStart: `2026-11-03T0${hour}:00:00Z`, modelId, value, ...more };
}

test('the largest group comes first, and a bucket without a point is a gap', () => {
  const chart = chartOfGroups(
    [point(0, 'a', 1), point(0, 'b', 5), point(1, 'b', 6, { partial: true })],
    options,
  );
  expect(chart.series).toMatchObject([
    { id: 'b', label: 'B', values: [5, 6] },
    { id: 'a', label: 'A', values: [1, null] },
  ]);
  expect(chart.partial).toEqual([false, true]);
  expect(chart.end - (chart.buckets[1] ?? 0)).toBe(3_600_000);
});

test('the ninth group and what the service put together are one series', () => {
  const many = Array.from({ length: 10 }, (_, index) => point(0, `model-${index}`, 100 - index));
  const chart = chartOfGroups([...many, point(0, null, 7, { rest: true })], { ...options, restGroups: 3 });
  expect(chart.series).toHaveLength(9);
  expect(chart.series.at(-1)).toMatchObject({ id: 'other', label: 'other (5)', values: [92 + 91 + 7] });
});

test('a last bucket that has just begun is as wide as the one before it', () => {
  const points = [point(0, 'a', 1), point(1, 'a', 1, { partial: true })];
  const { buckets, end } = chartOfGroups(points, { ...options, end: '2026-11-03T01:03:00Z' });
  expect(end - (buckets[1] ?? 0)).toBe(3_600_000);
});

test('groups without any value are left out', () => {
  expect(chartOfGroups([point(0, 'a', 0), point(1, 'a', 0)], options).series).toEqual([]);
});
