import { describe, expect, test } from 'vitest';
import { histogramQuantile } from './histogram-quantile.ts';

const buckets = [
  { upTo: Number.POSITIVE_INFINITY, count: 10 },
  { upTo: 0.1, count: 4 },
  { upTo: 0.5, count: 8 },
  { upTo: 1, count: 8 },
];

describe('a quantile of a histogram', () => {
  test.each([
    [0, 0],
    [0.2, 0.05],
    [0.4, 0.1],
    [0.6, 0.3],
    [0.8, 0.5],
  ])('of %d is interpolated within its bucket', (q, expected) => {
    expect(histogramQuantile(q, buckets)).toBeCloseTo(expected, 9);
  });

  test('beyond the last bucket is the lower bound of that bucket', () => {
    expect(histogramQuantile(0.99, buckets)).toBe(1);
  });

  test('of an empty histogram is missing', () => {
    expect(histogramQuantile(0.5, [])).toBeNull();
    expect(histogramQuantile(0.5, [{ upTo: Number.POSITIVE_INFINITY, count: 0 }])).toBeNull();
  });
});
