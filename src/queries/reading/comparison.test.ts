import { describe, expect, test } from 'vitest';
import { type Comparison, compared, comparedRange } from './comparison.ts';

function earlier(comparison: Comparison, start: string, end: string, zone = 'UTC') {
  const range = comparedRange({ start: Date.parse(start), end: Date.parse(end) }, comparison, zone);
  return [range.start, range.end].map((at) => new Date(at).toISOString().replace(':00.000Z', 'Z'));
}

describe('the previous range', () => {
  test.each([
    ['a day', '2026-11-20T00:00Z', '2026-11-21T00:00Z', 'UTC', '2026-11-19T00:00Z'],
    ['three days', '2026-11-18T00:00Z', '2026-11-21T00:00Z', 'UTC', '2026-11-15T00:00Z'],
    ['a week', '2026-11-01T00:00Z', '2026-11-08T00:00Z', 'UTC', '2026-10-25T00:00Z'],
    ['some minutes', '2026-11-20T10:07Z', '2026-11-20T11:08Z', 'UTC', '2026-11-20T09:06Z'],
    [
      'a day after that of 25 hours',
      '2026-10-25T23:00Z',
      '2026-10-26T23:00Z',
      'Europe/Berlin',
      '2026-10-24T22:00Z',
    ],
    [
      'a day after that of 23 hours',
      '2026-03-29T22:00Z',
      '2026-03-30T22:00Z',
      'Europe/Berlin',
      '2026-03-28T23:00Z',
    ],
    [
      '24 hours across two days',
      '2026-10-25T10:00Z',
      '2026-10-26T10:00Z',
      'Europe/Berlin',
      '2026-10-24T10:00Z',
    ],
  ])('of %s has the same length by the calendar', (_, start, end, zone, expected) => {
    expect(earlier('previous', start, end, zone)).toEqual([expected, start]);
  });
});

describe('the same part before, of a range that begins at a midnight:', () => {
  test.each([
    ['a morning', '2026-11-20T00:00Z', '2026-11-20T12:30Z', 'UTC', '2026-11-19T00:00Z', '2026-11-19T12:30Z'],
    ['its hour', '2026-11-01T00:00Z', '2026-11-01T01:00Z', 'UTC', '2026-10-31T00:00Z', '2026-10-31T01:00Z'],
    [
      'a morning after a day of 25 hours',
      '2026-10-25T23:00Z',
      '2026-10-26T11:30Z',
      'Europe/Berlin',
      '2026-10-24T22:00Z',
      '2026-10-25T11:30Z',
    ],
    [
      'two days and a half',
      '2026-11-18T00:00Z',
      '2026-11-20T12:30Z',
      'UTC',
      '2026-11-15T00:00Z',
      '2026-11-17T12:30Z',
    ],
    [
      'a week so far',
      '2026-11-16T00:00Z',
      '2026-11-19T08:00Z',
      'UTC',
      '2026-11-09T00:00Z',
      '2026-11-12T08:00Z',
    ],
    [
      'a month so far',
      '2026-11-01T00:00Z',
      '2026-11-20T12:30Z',
      'UTC',
      '2026-10-01T00:00Z',
      '2026-10-20T12:30Z',
    ],
    ['31 days', '2026-03-01T00:00Z', '2026-04-01T00:00Z', 'UTC', '2026-02-01T00:00Z', '2026-03-01T00:00Z'],
    ['28 days', '2026-03-01T00:00Z', '2026-03-29T00:00Z', 'UTC', '2026-02-01T00:00Z', '2026-03-01T00:00Z'],
    ['30.5 days', '2026-03-01T00:00Z', '2026-03-31T12:00Z', 'UTC', '2026-02-01T00:00Z', '2026-03-01T00:00Z'],
    ['a quarter', '2026-04-01T00:00Z', '2026-07-01T00:00Z', 'UTC', '2026-01-01T00:00Z', '2026-04-01T00:00Z'],
  ])('%s', (_, start, end, zone, from, to) => {
    expect(earlier('previous', start, end, zone)).toEqual([from, to]);
  });
});

describe('the weeks before', () => {
  test.each([
    ['2026-11-20T08:00Z', '2026-11-20T12:30Z', '2026-11-13T08:00Z', '2026-11-13T12:30Z'],
    ['2026-11-13T00:00Z', '2026-11-20T00:00Z', '2026-11-06T00:00Z', '2026-11-13T00:00Z'],
    ['2026-11-10T00:00Z', '2026-11-20T00:00Z', '2026-10-27T00:00Z', '2026-11-06T00:00Z'],
  ])('%s to %s has the same weekdays, and no overlap', (start, end, from, to) => {
    expect(earlier('week', start, end)).toEqual([from, to]);
  });
});

describe('the range a year before', () => {
  test.each([
    ['a day', '2026-11-20T00:00Z', '2026-11-21T00:00Z', '2025-11-20T00:00Z', '2025-11-21T00:00Z'],
    ['29 February', '2028-02-29T00:00Z', '2028-03-01T00:00Z', '2027-02-28T00:00Z', '2027-03-01T00:00Z'],
    ['28 February', '2028-02-28T00:00Z', '2028-02-29T00:00Z', '2027-02-28T00:00Z', '2027-03-01T00:00Z'],
    [
      'a February of 29 days',
      '2028-02-01T00:00Z',
      '2028-03-01T00:00Z',
      '2027-02-01T00:00Z',
      '2027-03-01T00:00Z',
    ],
    [
      'a February of 28 days',
      '2029-02-01T00:00Z',
      '2029-03-01T00:00Z',
      '2028-02-01T00:00Z',
      '2028-03-01T00:00Z',
    ],
    [
      'noon to noon of 29 February',
      '2028-02-28T12:00Z',
      '2028-02-29T12:00Z',
      '2027-02-28T12:00Z',
      '2027-03-01T12:00Z',
    ],
  ])('of %s has the same dates', (_, start, end, from, to) => {
    expect(earlier('year', start, end)).toEqual([from, to]);
  });

  test('of a local day is the same local day, whatever the offset was then', () => {
    // The clocks changed on 29 March in 2026 and on 30 March in 2025.
    expect(earlier('year', '2026-03-28T23:00Z', '2026-03-29T22:00Z', 'Europe/Berlin')).toEqual([
      '2025-03-28T23:00Z',
      '2025-03-29T23:00Z',
    ]);
  });
});

test('a change is in percent of the earlier value, and null where there is none', () => {
  expect(compared(150, 100)).toEqual({ value: 150, previous: 100, changePercent: 50 });
  expect(compared(0, 80).changePercent).toBe(-100);
  expect(compared(-50, -100).changePercent).toBe(50);
  expect(compared(2, 3).changePercent).toBe(-33.33);
  for (const [value, previous] of [
    [10, 0],
    [10, null],
    [null, 10],
  ] as const) {
    expect(compared(value, previous)).toEqual({ value, previous, changePercent: null });
  }
});
