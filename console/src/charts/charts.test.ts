import { describe, expect, test } from 'vitest';
import { bucketAt, type ChartData, endOfBucket, stackTops, summarise, totals } from './chart-data.ts';
import { ticksOf, tickText } from './ticks.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-03T00:00:00Z');

const data: ChartData = {
  buckets: [0, 1, 2].map((index) => START + index * HOUR),
  end: START + 3 * HOUR,
  partial: [false, false, true],
  series: [
    { id: 'a', label: 'a', colour: '', values: [1, null, 3] },
    { id: 'b', label: 'b', colour: '', values: [10, null, 30] },
    { id: 'c', label: 'c', colour: '', values: [5, 6, 7], isComparison: true },
  ],
};

test('stacked bars stand on one another, comparisons alone', () => {
  expect(stackTops(data)).toEqual([
    [1, 0, 3],
    [11, 0, 33],
    [5, 6, 7],
  ]);
  expect(totals(data)).toEqual([11, null, 33]);
});

test('the summary tells the last complete bucket', () => {
  expect(summarise([4, 9, 1], data.partial)).toEqual({ least: 1, most: 9, last: 9 });
  expect(summarise([null, null, 1], data.partial)).toEqual({ least: 1, most: 1, last: 1 });
  expect(summarise([null], [false])).toBeUndefined();
});

test('a moment is in the bucket that began last', () => {
  expect(
    [0, START + HOUR, START + 2.5 * HOUR, START + 9 * HOUR].map((moment) => bucketAt(data, moment)),
  ).toEqual([0, 1, 2, 2]);
  expect(endOfBucket(data, 2)).toBe(START + 3 * HOUR);
});

describe('ticks', () => {
  const hours = Array.from({ length: 72 }, (_, index) => START + index * HOUR);

  test('stand at round times of the zone', () => {
    const ticks = ticksOf(hours, 'Europe/Berlin', 6).map((tick) => new Date(tick).toISOString().slice(5, 16));
    expect(ticks).toEqual([
      '11-03T11:00',
      '11-03T23:00',
      '11-04T11:00',
      '11-04T23:00',
      '11-05T11:00',
      '11-05T23:00',
    ]);
  });

  test('are never more than there is room for', () => {
    for (const most of [1, 2, 3, 5, 8, 13, 80])
      expect(ticksOf(hours, 'UTC', most).length).toBeLessThanOrEqual(most);
  });

  test('do not touch where buckets are missing', () => {
    const days = [0, 16, 17, 18, 30].map((day) => START + day * 24 * HOUR);
    const ticks = ticksOf(days, 'UTC', 4);
    expect(ticks.map((tick) => (tick - START) / HOUR / 24)).toEqual([0, 16, 30]);
  });

  test('name the date at midnight', () => {
    expect(tickText(START, 'UTC')).toMatch(/Nov/);
    expect(tickText(START + HOUR, 'UTC')).toMatch(/01:00/);
  });
});
