import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { bucketStart, keptFor } from '../../rollups/grains.ts';
import { DAY, HOUR, MINUTE } from '../../time.ts';
import type { AdminQuery } from './admin-query.ts';
import { planCompared } from './compared-plans.ts';
import { type Comparison, comparisons } from './comparison.ts';
import type { Bucketing } from './time-buckets.ts';

const NOW = Date.parse('2026-11-29T12:07:00Z');

function query(start: number, end: number, compare?: Comparison, timezone = 'UTC'): AdminQuery {
  return {
    orgId: ALL_ORGS,
    range: { start, end },
    granularity: undefined,
    timezone,
    compare,
    now: NOW,
  };
}

function upToNow(length: number, compare?: Comparison) {
  return query(NOW - length, NOW, compare);
}

function minutes(at: number) {
  return new Date(at).toISOString().slice(0, 16);
}

/** The time compared with, or why there is none. */
function comparedWith(asked: AdminQuery, type: string, bucketings: Bucketing[] = ['whole']) {
  const { planBefore, notCompared } = planCompared(asked, bucketings, type);
  return planBefore ? `${minutes(planBefore.covered.start)} ${minutes(planBefore.covered.end)}` : notCompared;
}

describe('the range compared with', () => {
  test.each([
    ['order', HOUR, 'previous', '2026-11-29T10:07 2026-11-29T11:07'],
    ['order', DAY, 'previous', '2026-11-27T12:07 2026-11-28T12:07'],
    // Minutes are kept for two days. So the earlier range begins with its quarter of an hour, seven minutes
    // longer.
    ['order', 7 * DAY, 'previous', '2026-11-15T12:00 2026-11-22T12:00'],
    ['order', 30 * DAY, 'previous', '2026-09-30T12:00 2026-10-30T12:00'],
    ['order', HOUR, 'year', '2025-11-29T11:00 2025-11-29T12:00'],
    ['order', DAY, 'year', '2025-11-28T12:00 2025-11-29T12:00'],
    ['order', 7 * DAY, 'year', '2025-11-22T12:00 2025-11-29T12:00'],
    // Of other event types only days are kept as long.
    ['ml_job', DAY, 'previous', '2026-11-27T12:07 2026-11-28T12:07'],
    ['ml_job', DAY, 'year', '2025-11-28T00:00 2025-11-29T00:00'],
    ['ml_job', 7 * DAY, 'year', '2025-11-22T00:00 2025-11-29T00:00'],
    ['ml_job', 30 * DAY, 'year', '2025-10-30T00:00 2025-11-29T00:00'],
  ] as const)('of %s rollups, for %d ms up to now and %s', (type, length, compare, window) => {
    expect(comparedWith(upToNow(length, compare), type)).toBe(window);
  });

  test.each([
    // Of a week or a year ago only quarters of an hour are kept, so today ends with its last whole one too.
    ['week', '2026-11-22T00:00 2026-11-22T09:00', '2026-11-29T09:00'],
    ['year', '2025-11-29T00:00 2025-11-29T09:00', '2026-11-29T09:00'],
    // The minutes of yesterday are kept.
    ['previous', '2026-11-28T00:00 2026-11-28T09:14', '2026-11-29T09:14'],
  ] as const)('of today so far is as long, at any minute, for %s', (compare, window, end) => {
    const now = Date.parse('2026-11-29T09:14Z');
    const today = { ...query(Date.parse('2026-11-29T00:00Z'), now, compare), now };
    expect(comparedWith(today, 'order')).toBe(window);
    expect(minutes(planCompared(today, ['whole'], 'order').plan.covered.end)).toBe(end);
  });

  test('is missing, with the reason, where the kept rollups are too coarse for the range', () => {
    expect(comparedWith(upToNow(HOUR, 'year'), 'ml_job')).toBe(
      'only whole days of UTC are kept for 2025-11-29; to compare, choose a range as long as a whole number of them',
    );
    const [start, end] = [NOW - 100 * DAY, NOW - 70 * DAY];
    expect(comparedWith(query(start, end, 'year'), 'order')).toMatch(
      /^only whole weeks of UTC \(Sunday to Saturday\) are kept for 2025-08-21;/,
    );
  });

  test('is missing where its rollups are no longer kept', () => {
    expect(comparedWith(query(NOW - 1_090 * DAY, NOW - 1_000 * DAY, 'year'), 'order')).toMatch(
      /^the numbers of 2022-12-\d\d are no longer kept; choose a later range to compare$/,
    );
  });

  test('is missing unless it is asked for', () => {
    expect(planCompared(upToNow(DAY), ['whole'], 'order')).toMatchObject({
      planBefore: undefined,
      bucketingBefore: undefined,
      notCompared: undefined,
    });
  });

  test('has the days of its own calendar across a clock change', () => {
    const [start, end] = [Date.parse('2026-10-25T00:00+02:00'), Date.parse('2026-10-26T00:00+01:00')];
    expect(comparedWith(query(start, end, 'previous', 'Europe/Berlin'), 'order')).toBe(
      '2026-10-23T22:00 2026-10-24T22:00',
    );
  });
});

describe('the points', () => {
  const cuts = (asked: AdminQuery, type: string, bucketings: Bucketing[]) => {
    const { bucketing, bucketingBefore } = planCompared(asked, bucketings, type);
    return [bucketing, bucketingBefore];
  };

  test('are as fine as both ranges allow', () => {
    const fineFirst: Bucketing[] = ['minute', 'quarter_hour', 'hour'];
    expect(cuts(upToNow(HOUR), 'order', fineFirst)).toEqual(['minute', undefined]);
    expect(cuts(upToNow(HOUR, 'previous'), 'order', fineFirst)).toEqual(['minute', 'minute']);
    expect(cuts(upToNow(HOUR, 'year'), 'order', fineFirst)).toEqual(['quarter_hour', 'quarter_hour']);
  });

  test('stay at the given granularity, and only the sums are compared where the earlier rollups are coarser', () => {
    expect(cuts(upToNow(HOUR, 'year'), 'order', ['minute'])).toEqual(['minute', 'whole']);
    expect(cuts(upToNow(HOUR, 'year'), 'ml_job', ['minute'])).toEqual(['minute', undefined]);
  });
});

test('the range compared with is as long, does not overlap, and is kept', () => {
  const random = fc.record({
    until: fc.integer({ min: 0, max: 400 * 24 * 60 }),
    length: fc.integer({ min: 1, max: 60 * 24 * 60 }),
    compare: fc.constantFrom(...comparisons),
    type: fc.constantFrom('order', 'ml_job'),
    bucketings: fc.constantFrom<Bucketing[]>(['whole'], ['hour', 'day', 'week', 'whole']),
    timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu'),
  });
  fc.assert(
    fc.property(random, ({ until, length, compare, type, bucketings, timezone }) => {
      const end = NOW - until * MINUTE;
      const asked = query(end - length * MINUTE, end, compare, timezone);
      const { plan, planBefore, notCompared } = planCompared(asked, bucketings, type);
      expect(planBefore === undefined).toBe(notCompared !== undefined);
      if (!planBefore) return;
      const [of, before] = [plan.covered, planBefore.covered];
      expect(before.end).toBeLessThanOrEqual(of.start);
      // Ranges of days differ by an hour where the clocks change in one of them.
      const apart = Math.abs(before.end - before.start - (of.end - of.start));
      expect(apart).toBeLessThanOrEqual((of.end - of.start) / 100 + HOUR);
      for (const { grain, start, end } of planBefore.segments) {
        expect(start).toBeGreaterThanOrEqual(NOW - keptFor(grain, type));
        expect([start, end]).toEqual([bucketStart(grain, start), bucketStart(grain, end)]);
      }
    }),
    { numRuns: 300 },
  );
});
