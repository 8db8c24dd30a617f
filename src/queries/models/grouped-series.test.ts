import { describe, expect, test } from 'vitest';
import { CodedError } from '../../errors.ts';
import { DAY } from '../../time.ts';
import type { ReadPlan } from '../reading/read-plan.ts';
import { type GroupBy, groupColumns } from './dimensions.ts';
import { seriesOver } from './grouped-series.ts';

const start = Date.UTC(2026, 10, 18);
const now = Date.UTC(2027, 0, 1);

function range(days: number) {
  return { start, end: start + days * DAY };
}

function planOf(days: number): ReadPlan {
  return {
    covered: range(days),
    boundaries: Array.from({ length: days + 1 }, (_, day) => start + day * DAY),
    segments: [],
  };
}

interface Row {
  bucket: number;
  n: number;
  model_id?: string | null;
  client_id?: string | null;
}

function series(days: number, rows: readonly Row[], groupBy?: GroupBy) {
  return grouped(days, rows, groupBy).points;
}

function grouped(days: number, rows: readonly Row[], groupBy?: GroupBy, top?: number) {
  const shape = { plan: planOf(days), range: range(days), groupBy, top, sizeOf: ({ n }: Row) => n, now };
  return seriesOver(shape, rows, (some) => ({ n: some.reduce((sum, { n }) => sum + n, 0) }));
}

test('every bucket has a point, with or without events', () => {
  expect(series(3, [{ bucket: 1, n: 2 }])).toEqual([
    { bucketStart: '2026-11-18T00:00:00.000Z', n: 0 },
    { bucketStart: '2026-11-19T00:00:00.000Z', n: 2 },
    { bucketStart: '2026-11-20T00:00:00.000Z', n: 0 },
  ]);
  expect(series(2, [])).toHaveLength(2);
});

test('buckets that the range cuts, and one that has not ended, are partial', () => {
  const plan = { ...planOf(4), covered: { start: start + 1, end: start + 4 * DAY - 1 } };
  const partsAt = (at: number) =>
    seriesOver(
      { plan, range: plan.covered, groupBy: undefined, top: undefined, sizeOf: () => 1, now: at },
      [],
      () => ({}),
    ).points.map(({ partial }) => partial ?? false);
  expect(partsAt(now)).toEqual([true, false, false, true]);
  expect(partsAt(start + 2.5 * DAY)).toEqual([true, false, true, true]);
});

test('the point of a bucket adds up all its rows', () => {
  expect(
    series(1, [
      { bucket: 0, n: 2, model_id: 'a' },
      { bucket: 0, n: 3, model_id: 'b' },
    ]),
  ).toEqual([{ bucketStart: '2026-11-18T00:00:00.000Z', n: 5 }]);
});

describe('a grouped series', () => {
  const rows: Row[] = [
    { bucket: 1, n: 1, model_id: 'b', client_id: 'web' },
    { bucket: 0, n: 2, model_id: 'a', client_id: null },
    { bucket: 1, n: 4, model_id: 'a', client_id: 'web' },
  ];

  test('has every bucket for every group, ordered by time, then name', () => {
    expect(series(2, rows, 'model').map(({ modelId, n }) => [modelId, n])).toEqual([
      ['a', 2],
      ['b', 0],
      ['a', 4],
      ['b', 1],
    ]);
  });

  test('has the group without a name last, as null', () => {
    expect(series(2, rows, 'client').map(({ clientId, n }) => [clientId, n])).toEqual([
      ['web', 0],
      [null, 2],
      ['web', 5],
      [null, 0],
    ]);
  });

  test('keeps group names as they are, even names of object properties', () => {
    const odd = ['__proto__', 'constructor', '', 'null'].map((model_id, n) => ({ bucket: 0, n, model_id }));
    expect(series(1, odd, 'model').map(({ modelId, n }) => [modelId, n])).toEqual([
      ['', 2],
      ['__proto__', 0],
      ['constructor', 1],
      ['null', 3],
    ]);
  });

  test('has no points without a group', () => {
    expect(series(2, [], 'model')).toEqual([]);
  });

  const groups = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ bucket: 0, n, model_id: `m${n}` }));

  test('adds up the smallest groups in the rest beyond 10,000 points', () => {
    expect(grouped(100, groups(100), 'model')).toMatchObject({ points: { length: 10_000 }, restGroups: 0 });
    const { points, restGroups } = grouped(30, groups(400), 'model');
    expect({ points: points.length, restGroups }).toEqual({ points: 9_990, restGroups: 68 });
    const rest = points.filter((point) => point.rest);
    // 0 + 1 + … + 67
    expect(rest).toHaveLength(30);
    expect(rest[0]).toEqual({ bucketStart: expect.any(String), modelId: null, rest: true, n: 2_278 });
    expect(points.reduce((sum, { n }) => sum + n, 0)).toBe((399 * 400) / 2);
  });

  test('shows as few groups as wanted, the largest ones', () => {
    const { points, restGroups } = grouped(1, groups(10), 'model', 2);
    expect(points.map(({ modelId, rest, n }) => [modelId, rest, n])).toEqual([
      ['m8', undefined, 8],
      ['m9', undefined, 9],
      [null, true, 28],
    ]);
    expect(restGroups).toBe(8);
    expect(grouped(1, groups(10), 'model', 10).restGroups).toBe(0);
  });

  test('is refused if there is no room for a group and the rest', () => {
    expect(series(6_000, groups(1), 'model')).toHaveLength(6_000);
    expect(() => series(6_000, groups(2), 'model')).toThrow(CodedError);
    expect(() => series(6_000, groups(2), 'model')).toThrow('use granularity=week or a shorter range');
  });
});

test('a series is grouped by one dimension', () => {
  expect([groupColumns(undefined), groupColumns('model'), groupColumns('client')]).toEqual([
    [],
    ['model_id'],
    ['client_id'],
  ]);
});
