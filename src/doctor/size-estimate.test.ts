import { expect, test } from 'vitest';
import { estimateSize } from './size-estimate.ts';

/** 100,000 usage events at random over one day and 2,000 series, on PostgreSQL 15 (docs/scaling.md). Bytes with indexes. */
const measured = { events: 22_315_008, ids: 12_328_960, series: 729_088, rollups: 62_744_576 };

test('the estimate of a day is within a tenth of what was measured', () => {
  const estimate = estimateSize({ eventsPerDay: 100_000, series: 2_000, rawDays: 7, dedupDays: 32, age: 1 });
  for (const part of ['events', 'ids', 'series', 'rollups'] as const) {
    expect(estimate[part] / measured[part], part).toBeGreaterThan(0.9);
    expect(estimate[part] / measured[part], part).toBeLessThan(1.1);
  }
});

test('the disk grows with age until everything is as old as it is kept', () => {
  const load = { eventsPerDay: 1_000_000, series: 5_000, rawDays: 7, dedupDays: 32 };
  const at = (age: number) => estimateSize({ ...load, age }).total;
  expect(at(1)).toBeLessThan(at(30));
  expect(at(30)).toBeLessThan(at(400));
  expect(at(1_200)).toBe(estimateSize(load).total);
});

test('no series take no rollups, and no event is counted twice in a bucket', () => {
  expect(estimateSize({ eventsPerDay: 0, series: 10, rawDays: 7, dedupDays: 32 }).rollups).toBe(0);
  const rows = estimateSize({ eventsPerDay: 1e9, series: 1, rawDays: 7, dedupDays: 32, age: 1 }).rollups;
  // At most one row for each bucket of a day: 1,440 + 96 + 24 + 1 + 1.
  expect(rows).toBeLessThan(1_562 * 700);
});
