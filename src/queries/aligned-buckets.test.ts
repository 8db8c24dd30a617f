import { expect, test } from 'vitest';
import { alignBuckets } from './aligned-buckets.ts';
import { bucketBoundaries } from './time-buckets.ts';

const days = (start: string, end: string, zone = 'UTC') =>
  bucketBoundaries({ start: Date.parse(start), end: Date.parse(end) }, 'day', zone);

test('those before go by their order, as far as there are any', () => {
  expect(alignBuckets([0, 1, 2, 3], [10, 11, 12], 'previous', 'day', 'UTC')).toEqual([0, 1, undefined]);
  expect(alignBuckets([0, 1, 2], [10, 11, 12], 'year', 'week', 'UTC')).toEqual([0, 1]);
});

test('days of a year before go by their dates, and 29 February has none', () => {
  const now = days('2028-02-27T00:00Z', '2028-03-03T00:00Z');
  const before = days('2027-02-27T00:00Z', '2027-03-03T00:00Z');
  expect(alignBuckets(now, before, 'year', 'day', 'UTC')).toEqual([0, 1, undefined, 2, 3]);
});

test('the year after a leap year compares with what has the same date', () => {
  const now = days('2029-02-27T00:00Z', '2029-03-03T00:00Z');
  const before = days('2028-02-27T00:00Z', '2028-03-03T00:00Z');
  expect(alignBuckets(now, before, 'year', 'day', 'UTC')).toEqual([0, 1, 3, 4]);
});

test('midnights of a zone are compared with midnights, on whichever side of a clock change', () => {
  const zone = 'America/New_York';
  const now = days('2026-10-31T04:00Z', '2026-11-05T05:00Z', zone);
  const before = days('2025-10-31T04:00Z', '2025-11-05T05:00Z', zone);
  expect(alignBuckets(now, before, 'year', 'day', zone)).toEqual([0, 1, 2, 3, 4]);
});

test('an hour that the clocks skipped a year before is compared with nothing', () => {
  const zone = 'Europe/Berlin';
  const hours = (start: string, end: string) =>
    bucketBoundaries({ start: Date.parse(start), end: Date.parse(end) }, 'hour', zone);
  // On 29 March 2026 the clocks went from 2 to 3; on the 29th of 2027 (a Monday) they have.
  const now = hours('2027-03-28T22:00Z', '2027-03-29T03:00Z');
  const before = hours('2026-03-28T23:00Z', '2026-03-29T03:00Z');
  const localHours = (boundaries: number[]) =>
    boundaries.map((at) => new Date(at).toLocaleTimeString('de', { timeZone: zone, hour: '2-digit' }));
  const aligned = alignBuckets(now, before, 'year', 'hour', zone);
  expect(localHours(now).slice(0, -1)).toEqual(['00 Uhr', '01 Uhr', '02 Uhr', '03 Uhr', '04 Uhr']);
  expect(aligned.map((index) => index !== undefined && localHours(before)[index])).toEqual([
    '00 Uhr',
    '01 Uhr',
    false,
    '03 Uhr',
    '04 Uhr',
  ]);
});
