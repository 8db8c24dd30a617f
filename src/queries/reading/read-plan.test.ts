import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodedError } from '../../errors.ts';
import { bucketEnd, bucketStart } from '../../rollups/grains.ts';
import { DAY, HOUR, MINUTE } from '../../time.ts';
import { MAX_POINTS, planRead, type ReadPlan, refuseTooMany } from './read-plan.ts';
import { granularities } from './time-buckets.ts';

const now = Date.parse('2026-11-20T12:08:30Z');

function at(text: string): number {
  return Date.parse(text);
}

function plan(start: string, end: string, granularity: (typeof granularities)[number] = 'day', zone = 'UTC') {
  return planRead({ range: { start: at(start), end: at(end) }, timezone: zone, now }, granularity);
}

function segmentsOf({ segments }: ReadPlan): string[] {
  return segments.map(
    ({ grain, start, end }) =>
      `${grain.name} ${new Date(start).toISOString()} ${new Date(end).toISOString()}`,
  );
}

function refusal(ask: () => unknown): CodedError {
  try {
    ask();
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

test('a range is read as whole weeks, days, hours and quarters, with minutes only at its ends', () => {
  expect(segmentsOf(plan('2026-11-19T09:47:00Z', '2026-11-20T11:31:00Z'))).toEqual([
    'minute 2026-11-19T09:47:00.000Z 2026-11-19T10:00:00.000Z',
    'hour 2026-11-19T10:00:00.000Z 2026-11-20T11:00:00.000Z',
    'quarter_hour 2026-11-20T11:00:00.000Z 2026-11-20T11:30:00.000Z',
    'minute 2026-11-20T11:30:00.000Z 2026-11-20T11:31:00.000Z',
  ]);
  expect(segmentsOf(plan('2026-11-01T00:00:00Z', '2026-11-15T00:00:00Z', 'week'))).toEqual([
    'week 2026-11-01T00:00:00.000Z 2026-11-15T00:00:00.000Z',
  ]);
});

test('a range without buckets is read from the largest rollups that fit into it', () => {
  const range = { start: at('2026-10-20T09:47:00Z'), end: at('2026-11-20T12:09:00Z') };
  const { boundaries, segments, covered } = planRead({ range, timezone: 'Asia/Kathmandu', now }, 'whole');
  expect(boundaries).toEqual([covered.start, covered.end]);
  expect(covered).toEqual({ start: at('2026-10-20T09:45:00Z'), end: at('2026-11-20T12:09:00Z') });
  expect(new Set(segments.map(({ grain }) => grain.name))).toEqual(
    new Set(['quarter_hour', 'hour', 'day', 'week', 'minute']),
  );
});

test('minutes and quarters are the same in every zone', () => {
  const range = { start: at('2026-11-20T09:47:00Z'), end: at('2026-11-20T10:05:00Z') };
  for (const zone of ['UTC', 'Asia/Kathmandu']) {
    expect(planRead({ range, timezone: zone, now }, 'minute').boundaries).toHaveLength(19);
    expect(planRead({ range, timezone: zone, now }, 'quarter_hour').boundaries).toHaveLength(3);
  }
});

test('days of a zone are read from hours, or from quarters where midnight divides an hour', () => {
  const grains = (zone: string) =>
    new Set(
      plan('2026-11-10T00:00:00Z', '2026-11-12T00:00:00Z', 'day', zone).segments.map(
        ({ grain }) => grain.name,
      ),
    );
  expect(grains('UTC')).toEqual(new Set(['day']));
  expect(grains('Europe/Berlin')).toEqual(new Set(['hour']));
  expect(grains('Asia/Kolkata')).toEqual(new Set(['hour', 'quarter_hour']));
  expect(grains('Asia/Kathmandu')).toEqual(new Set(['hour', 'quarter_hour']));
  expect(segmentsOf(plan('2026-11-09T18:30:00Z', '2026-11-11T18:30:00Z', 'day', 'Asia/Kolkata'))).toEqual([
    'quarter_hour 2026-11-09T18:30:00.000Z 2026-11-09T19:00:00.000Z',
    'hour 2026-11-09T19:00:00.000Z 2026-11-10T18:00:00.000Z',
    'quarter_hour 2026-11-10T18:00:00.000Z 2026-11-10T19:00:00.000Z',
    'hour 2026-11-10T19:00:00.000Z 2026-11-11T18:00:00.000Z',
    'quarter_hour 2026-11-11T18:00:00.000Z 2026-11-11T18:30:00.000Z',
  ]);
});

test('weeks of a zone are read from days, with hours at their ends', () => {
  const week = plan('2026-11-07T23:00:00Z', '2026-11-14T23:00:00Z', 'week', 'Europe/Berlin');
  expect(segmentsOf(week)).toEqual([
    'hour 2026-11-07T23:00:00.000Z 2026-11-08T00:00:00.000Z',
    'day 2026-11-08T00:00:00.000Z 2026-11-14T00:00:00.000Z',
    'hour 2026-11-14T00:00:00.000Z 2026-11-14T23:00:00.000Z',
  ]);
});

describe('an end that is older than the finest rollups', () => {
  test('is widened to the finest rollups still kept', () => {
    const { covered } = plan('2026-11-17T10:07:20Z', '2026-11-17T11:08:00Z');
    expect(new Date(covered.start).toISOString()).toBe('2026-11-17T10:00:00.000Z');
    expect(new Date(covered.end).toISOString()).toBe('2026-11-17T11:15:00.000Z');
  });

  test('is answered if the minute that it begins in was kept a moment ago', () => {
    const { covered } = plan('2026-11-18T12:08:40Z', '2026-11-18T14:00:00Z');
    expect(new Date(covered.start).toISOString()).toBe('2026-11-18T12:00:00.000Z');
  });

  test('is answered if it cuts a quarter that began before minutes were kept', () => {
    const { covered } = plan('2026-11-10T00:00:00Z', '2026-11-18T12:10:00Z');
    expect(new Date(covered.end).toISOString()).toBe('2026-11-18T12:15:00.000Z');
  });

  test('is answered if it cuts a day that began before hours were kept', () => {
    const { covered } = plan('2026-07-01T00:00:00Z', '2026-08-22T18:00:00Z');
    expect(new Date(covered.end).toISOString()).toBe('2026-08-23T00:00:00.000Z');
  });
});

describe('a granularity that is no longer kept is refused, with one that is', () => {
  test.each([
    ['hour', 'UTC', '2026-08-01T00:00:00Z', 'hours are kept since 2026-08-22', 'granularity=day'],
    [
      'day',
      'Europe/Berlin',
      '2026-08-01T00:00:00Z',
      'a day of Europe/Berlin is made of hours',
      'timezone=UTC',
    ],
    [
      'week',
      'Asia/Kolkata',
      '2026-08-01T00:00:00Z',
      'a week of Asia/Kolkata is made of hours',
      'timezone=UTC',
    ],
    ['day', 'UTC', '2025-01-01T00:00:00Z', 'days are kept since 2025-09-16', 'granularity=week'],
  ] as const)('%ss of %s', (granularity, zone, start, what, advice) => {
    const error = refusal(() => plan(start, '2026-11-01T00:00:00Z', granularity, zone));
    expect(error.code).toBe('range_not_kept');
    expect(error.message).toContain(what);
    expect(error.message).toContain(advice);
    expect(error.faults.map(({ path }) => path)).toEqual(['start']);
  });

  test('minutes', () => {
    const range = { start: at('2026-11-17T00:00:00Z'), end: at('2026-11-17T06:00:00Z') };
    const error = refusal(() => planRead({ range, timezone: 'UTC', now }, 'minute'));
    expect(error.message).toContain('minutes are kept since 2026-11-18T12:08:30.000Z');
    expect(error.message).toContain('granularity=quarter_hour');
  });

  test('but weeks are answered as far back as anyone asks', () => {
    expect(plan('2021-01-01T00:00:00Z', '2026-11-01T00:00:00Z', 'week').segments).toHaveLength(1);
  });
});

describe('more than 10,000 points are refused', () => {
  const hours = (count: number) => ({ start: now - count * HOUR, end: now });

  test('with the granularity that would fit', () => {
    expect(() => refuseTooMany(MAX_POINTS, hours(MAX_POINTS))).not.toThrow();
    const error = refusal(() => refuseTooMany(MAX_POINTS + 1, hours(MAX_POINTS + 1)));
    expect(error.code).toBe('too_many_points');
    expect(error.message).toContain('use granularity=day or a shorter range');
    expect(refusal(() => refuseTooMany(700, hours(700 * 24), 15)).message).toContain('granularity=week');
    expect(refusal(() => refuseTooMany(700, hours(700 * 24), 200)).message).toContain('shorter range');
  });

  test('before any point is made', () => {
    const range = { start: at('1700-01-01T00:00:00Z'), end: at('2250-01-01T00:00:00Z') };
    for (const granularity of granularities)
      expect(refusal(() => planRead({ range, timezone: 'Europe/Berlin', now }, granularity)).code).toBe(
        'too_many_points',
      );
  });
});

test('the buckets and rollups of a plan tile any range exactly, and all are kept', () => {
  const zones = [
    'UTC',
    'Etc/UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...granularities),
      fc.constantFrom(...zones),
      fc.oneof(
        fc.integer({ min: 0, max: 3 * DAY }),
        fc.integer({ min: 0, max: 100 * DAY }),
        fc.integer({ max: 500 * DAY, min: 0 }),
      ),
      fc.oneof(fc.integer({ min: 1, max: 2 * HOUR }), fc.integer({ min: 1, max: 60 * DAY })),
      fc.integer({ min: 0, max: DAY }),
      (granularity, zone, ago, length, shift) => {
        const moment = now + shift;
        const range = { start: moment - ago, end: moment - ago + length };
        let read: ReadPlan;
        try {
          read = planRead({ range, timezone: zone, now: moment }, granularity);
        } catch (error) {
          // Only removed hours are missing: days and weeks of UTC are all kept.
          expect((error as CodedError).code).toBe('range_not_kept');
          if (zone.endsWith('UTC')) expect(granularity === 'hour' || ago > 429 * DAY).toBe(true);
          expect(ago > 89 * DAY).toBe(true);
          return;
        }
        const { covered, segments, boundaries } = read;
        expect(covered.start).toBeLessThanOrEqual(range.start);
        expect(covered.end).toBeGreaterThanOrEqual(range.end);
        if (ago < 2 * DAY - MINUTE && length > 15 * MINUTE) {
          expect(covered.start).toBeGreaterThan(range.start - MINUTE);
          expect(covered.end).toBeLessThan(range.end + MINUTE);
        }
        let place = covered.start;
        for (const { grain, start, end } of segments) {
          expect(start).toBe(place);
          expect(end).toBeGreaterThan(start);
          expect(bucketStart(grain, start)).toBe(start);
          expect(bucketEnd(grain, end)).toBe(end);
          if (grain.name !== 'week') expect(start).toBeGreaterThanOrEqual(moment - grain.keep);
          for (const boundary of boundaries) {
            if (boundary > start && boundary < end) expect(bucketStart(grain, boundary)).toBe(boundary);
          }
          place = end;
        }
        expect(place).toBe(covered.end);
        const neighboursAlike = segments.some(({ grain }, index) => grain === segments[index + 1]?.grain);
        expect(neighboursAlike).toBe(false);
        expect(boundaries[0]).toBeLessThanOrEqual(covered.start);
        expect(boundaries.at(-1)).toBeGreaterThanOrEqual(covered.end);
      },
    ),
    { numRuns: 2_000 },
  );
});
