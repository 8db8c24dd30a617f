import { expect, test } from 'vitest';
import { alignBuckets } from './aligned-buckets.ts';
import { type Bucketing, bucketBoundaries } from './time-buckets.ts';

function cut(start: string, end: string, bucketing: Bucketing, zone = 'UTC') {
  const covered = { start: Date.parse(start), end: Date.parse(end) };
  return { covered, boundaries: bucketBoundaries(covered, bucketing, zone) };
}

function days(start: string, end: string, zone = 'UTC') {
  return cut(start, end, 'day', zone);
}

test('buckets are compared in their order, as long as there are earlier ones', () => {
  const [three, two] = [days('2026-11-04', '2026-11-07'), days('2026-11-02', '2026-11-04')];
  expect(alignBuckets(three, two, 'previous', 'day', 'UTC')).toEqual([0, 1, undefined]);
  const weeks = [cut('2026-11-01', '2026-11-15', 'week'), cut('2025-11-02', '2025-11-16', 'week')] as const;
  expect(alignBuckets(...weeks, 'year', 'week', 'UTC')).toEqual([0, 1]);
});

test('a whole range is compared with a whole range, however long its month is', () => {
  const [march, february] = [
    cut('2026-03-01', '2026-04-01', 'whole'),
    cut('2026-02-01', '2026-03-01', 'whole'),
  ];
  expect(alignBuckets(march, february, 'previous', 'whole', 'UTC')).toEqual([0]);
});

test('a partly covered day is compared with a day that is covered as far', () => {
  const week = days('2026-11-22T12:00Z', '2026-11-29T12:07Z');
  const before = days('2026-11-15T12:00Z', '2026-11-22T12:00Z');
  expect(alignBuckets(week, before, 'previous', 'day', 'UTC')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  // Only whole days of UTC are kept for older times.
  const coarse = days('2026-11-15', '2026-11-22');
  expect(alignBuckets(week, coarse, 'previous', 'day', 'UTC')).toEqual([
    undefined,
    ...[1, 2, 3, 4, 5, 6],
    undefined,
  ]);
});

test('an hour with one minute covered is not compared with a whole hour', () => {
  const hours = cut('2026-11-29T10:00Z', '2026-11-29T12:01Z', 'hour');
  const before = cut('2026-11-28T10:00Z', '2026-11-28T13:00Z', 'hour');
  expect(alignBuckets(hours, before, 'previous', 'hour', 'UTC')).toEqual([0, 1, undefined]);
});

test('days are compared with the same dates a year before, and 29 February with none', () => {
  const now = days('2028-02-27T00:00Z', '2028-03-03T00:00Z');
  const before = days('2027-02-27T00:00Z', '2027-03-03T00:00Z');
  expect(alignBuckets(now, before, 'year', 'day', 'UTC')).toEqual([0, 1, undefined, 2, 3]);
});

test('days after a leap year are compared with the same dates too', () => {
  const now = days('2029-02-27T00:00Z', '2029-03-03T00:00Z');
  const before = days('2028-02-27T00:00Z', '2028-03-03T00:00Z');
  expect(alignBuckets(now, before, 'year', 'day', 'UTC')).toEqual([0, 1, 3, 4]);
});

test('local midnights are compared with local midnights across a clock change', () => {
  const zone = 'America/New_York';
  const now = days('2026-10-31T04:00Z', '2026-11-05T05:00Z', zone);
  const before = days('2025-10-31T04:00Z', '2025-11-05T05:00Z', zone);
  expect(alignBuckets(now, before, 'year', 'day', zone)).toEqual([0, 1, 2, 3, 4]);
});

test('an hour that the clocks skipped a year before is compared with nothing', () => {
  const zone = 'Europe/Berlin';
  const hours = (start: string, end: string) => cut(start, end, 'hour', zone);
  // On 29 March 2026 the clocks went from 2 to 3; by the same date of 2027 (a Monday) they have changed
  // already.
  const now = hours('2027-03-28T22:00Z', '2027-03-29T03:00Z');
  const before = hours('2026-03-28T23:00Z', '2026-03-29T03:00Z');
  const localHours = (boundaries: number[]) =>
    boundaries.map((at) => new Date(at).toLocaleTimeString('de', { timeZone: zone, hour: '2-digit' }));
  const aligned = alignBuckets(now, before, 'year', 'hour', zone);
  expect(localHours(now.boundaries).slice(0, -1)).toEqual(['00 Uhr', '01 Uhr', '02 Uhr', '03 Uhr', '04 Uhr']);
  expect(aligned.map((index) => index !== undefined && localHours(before.boundaries)[index])).toEqual([
    '00 Uhr',
    '01 Uhr',
    false,
    '03 Uhr',
    '04 Uhr',
  ]);
});

test('hours of whole days are compared with the same local hours across a clock change', () => {
  const zone = 'Europe/Berlin';
  const hours = (start: string, end: string) => cut(start, end, 'hour', zone);
  const from = (first: number) => Array.from({ length: 24 - first }, (_, n) => first + n);
  const saturday = hours('2026-10-24T00:00+02:00', '2026-10-25T00:00+02:00');
  const sundayOf25 = hours('2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00');
  expect(alignBuckets(sundayOf25, saturday, 'previous', 'hour', zone)).toEqual([0, 1, 2, 2, ...from(3)]);
  const march28 = hours('2026-03-28T00:00+01:00', '2026-03-29T00:00+01:00');
  const sundayOf23 = hours('2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00');
  expect(alignBuckets(sundayOf23, march28, 'previous', 'hour', zone)).toEqual([0, 1, ...from(3)]);
  const monday = hours('2026-03-30T00:00+02:00', '2026-03-31T00:00+02:00');
  const indexOnSunday = from(3).map((hour) => hour - 1);
  expect(alignBuckets(monday, sundayOf23, 'previous', 'hour', zone)).toEqual([
    ...[0, 1, undefined],
    ...indexOnSunday,
  ]);
});
