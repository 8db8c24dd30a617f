import { describe, expect, test } from 'vitest';
import { type Comparison, compared, comparedRange } from './comparison.ts';

function earlier(comparison: Comparison, start: string, end: string, zone = 'UTC') {
  const range = comparedRange({ start: Date.parse(start), end: Date.parse(end) }, comparison, zone);
  return [range.start, range.end].map((at) => new Date(at).toISOString().replace(':00.000Z', 'Z'));
}

describe('the previous range', () => {
  test.each([
    ['a day', '2026-11-20T00:00Z', '2026-11-21T00:00Z', 'UTC', '2026-11-19T00:00Z'],
    ['an hour across midnight', '2026-11-20T00:00Z', '2026-11-20T01:00Z', 'UTC', '2026-11-19T23:00Z'],
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
