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

test('those before go by their order, as far as there are any', () => {
  const [three, two] = [days('2026-11-04', '2026-11-07'), days('2026-11-02', '2026-11-04')];
  expect(alignBuckets(three, two, { comparison: 'previous', bucketing: 'day', zone: 'UTC' })).toEqual([
    0,
    1,
    undefined,
  ]);
  const weeks = [cut('2026-11-01', '2026-11-15', 'week'), cut('2025-11-02', '2025-11-16', 'week')] as const;
  expect(alignBuckets(...weeks, { comparison: 'year', bucketing: 'week', zone: 'UTC' })).toEqual([0, 1]);
});

test('the whole is compared with the whole, however much longer a month is than the last', () => {
  const [march, february] = [
    cut('2026-03-01', '2026-04-01', 'whole'),
    cut('2026-02-01', '2026-03-01', 'whole'),
  ];
  expect(alignBuckets(march, february, { comparison: 'previous', bucketing: 'whole', zone: 'UTC' })).toEqual([
    0,
  ]);
});

test('a day that is covered in part is compared with one of which as much is covered', () => {
  const week = days('2026-11-22T12:00Z', '2026-11-29T12:07Z');
  const before = days('2026-11-15T12:00Z', '2026-11-22T12:00Z');
  expect(alignBuckets(week, before, { comparison: 'previous', bucketing: 'day', zone: 'UTC' })).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7,
  ]);
  // Of long ago whole days of UTC are kept.
  const coarse = days('2026-11-15', '2026-11-22');
  expect(alignBuckets(week, coarse, { comparison: 'previous', bucketing: 'day', zone: 'UTC' })).toEqual([
    undefined,
    ...[1, 2, 3, 4, 5, 6],
    undefined,
  ]);
});

test('a minute of an hour is not compared with all of one', () => {
  const hours = cut('2026-11-29T10:00Z', '2026-11-29T12:01Z', 'hour');
  const before = cut('2026-11-28T10:00Z', '2026-11-28T13:00Z', 'hour');
  expect(alignBuckets(hours, before, { comparison: 'previous', bucketing: 'hour', zone: 'UTC' })).toEqual([
    0,
    1,
    undefined,
  ]);
});

test('days of a year before go by their dates, and 29 February has none', () => {
  const now = days('2028-02-27T00:00Z', '2028-03-03T00:00Z');
  const before = days('2027-02-27T00:00Z', '2027-03-03T00:00Z');
  expect(alignBuckets(now, before, { comparison: 'year', bucketing: 'day', zone: 'UTC' })).toEqual([
    0,
    1,
    undefined,
    2,
    3,
  ]);
});

test('the year after a leap year compares with what has the same date', () => {
  const now = days('2029-02-27T00:00Z', '2029-03-03T00:00Z');
  const before = days('2028-02-27T00:00Z', '2028-03-03T00:00Z');
  expect(alignBuckets(now, before, { comparison: 'year', bucketing: 'day', zone: 'UTC' })).toEqual([
    0, 1, 3, 4,
  ]);
});

test('midnights of a zone are compared with midnights, on whichever side of a clock change', () => {
  const zone = 'America/New_York';
  const now = days('2026-10-31T04:00Z', '2026-11-05T05:00Z', zone);
  const before = days('2025-10-31T04:00Z', '2025-11-05T05:00Z', zone);
  expect(alignBuckets(now, before, { comparison: 'year', bucketing: 'day', zone })).toEqual([0, 1, 2, 3, 4]);
});

test('an hour that the clocks skipped a year before is compared with nothing', () => {
  const zone = 'Europe/Berlin';
  const hours = (start: string, end: string) => cut(start, end, 'hour', zone);
  // On 29 March 2026 the clocks went from 2 to 3; on the 29th of 2027 (a Monday) they have.
  const now = hours('2027-03-28T22:00Z', '2027-03-29T03:00Z');
  const before = hours('2026-03-28T23:00Z', '2026-03-29T03:00Z');
  const localHours = (boundaries: number[]) =>
    boundaries.map((at) => new Date(at).toLocaleTimeString('de', { timeZone: zone, hour: '2-digit' }));
  const aligned = alignBuckets(now, before, { comparison: 'year', bucketing: 'hour', zone });
  expect(localHours(now.boundaries).slice(0, -1)).toEqual(['00 Uhr', '01 Uhr', '02 Uhr', '03 Uhr', '04 Uhr']);
  expect(aligned.map((index) => index !== undefined && localHours(before.boundaries)[index])).toEqual([
    '00 Uhr',
    '01 Uhr',
    false,
    '03 Uhr',
    '04 Uhr',
  ]);
});

test('hours of whole days are compared with the same hours, though the clocks change', () => {
  const zone = 'Europe/Berlin';
  const hours = (start: string, end: string) => cut(start, end, 'hour', zone);
  const from = (first: number) => Array.from({ length: 24 - first }, (_, n) => first + n);
  const saturday = hours('2026-10-24T00:00+02:00', '2026-10-25T00:00+02:00');
  const sundayOf25 = hours('2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00');
  expect(alignBuckets(sundayOf25, saturday, { comparison: 'previous', bucketing: 'hour', zone })).toEqual([
    0,
    1,
    2,
    2,
    ...from(3),
  ]);
  const march28 = hours('2026-03-28T00:00+01:00', '2026-03-29T00:00+01:00');
  const sundayOf23 = hours('2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00');
  expect(alignBuckets(sundayOf23, march28, { comparison: 'previous', bucketing: 'hour', zone })).toEqual([
    0,
    1,
    ...from(3),
  ]);
  const monday = hours('2026-03-30T00:00+02:00', '2026-03-31T00:00+02:00');
  const indexOnSunday = from(3).map((hour) => hour - 1);
  expect(alignBuckets(monday, sundayOf23, { comparison: 'previous', bucketing: 'hour', zone })).toEqual([
    ...[0, 1, undefined],
    ...indexOnSunday,
  ]);
});
