import { expect, test } from 'vitest';
import { occurrenceAt, type Recurrence } from './recurrence.ts';

const nightly: Recurrence = { days: ['fri', 'sat'], from: '22:00', to: '06:00', timezone: 'Europe/Berlin' };
const never = { startsAt: null, endsAt: null };

function at(moment: string, recurrence: Recurrence, bounds: { startsAt?: string; endsAt?: string } = {}) {
  const { startsAt, endsAt } = bounds;
  const found = occurrenceAt(
    {
      ...never,
      ...(startsAt && { startsAt: Date.parse(startsAt) }),
      ...(endsAt && { endsAt: Date.parse(endsAt) }),
      recurrence,
    },
    Date.parse(moment),
  );
  return found && [found.opensAt, found.closesAt].map((one) => new Date(one).toISOString().slice(0, 16));
}

test.each([
  ['2026-11-20T20:00Z', '2026-11-20T21:00', '2026-11-21T05:00'],
  ['2026-11-20T21:00Z', '2026-11-20T21:00', '2026-11-21T05:00'],
  ['2026-11-21T04:59Z', '2026-11-20T21:00', '2026-11-21T05:00'],
  ['2026-11-21T05:00Z', '2026-11-21T21:00', '2026-11-22T05:00'],
  ['2026-11-22T05:00Z', '2026-11-27T21:00', '2026-11-28T05:00'],
  // The nights in which the clocks of the zone change are an hour shorter and longer.
  ['2026-03-28T22:00Z', '2026-03-28T21:00', '2026-03-29T04:00'],
  ['2026-10-24T22:00Z', '2026-10-24T20:00', '2026-10-25T05:00'],
])('at %s the window is from %s to %s', (moment, opens, closes) => {
  expect(at(moment, nightly)).toEqual([opens, closes]);
});

test('a window from a time to the same time lasts a day', () => {
  const sunday: Recurrence = { days: ['sun'], from: '00:00', to: '00:00', timezone: 'UTC' };
  expect(at('2026-11-22T12:00Z', sunday)).toEqual(['2026-11-22T00:00', '2026-11-23T00:00']);
});

test('a time that the clock skips begins the window after the gap', () => {
  const gap: Recurrence = { days: ['sun'], from: '02:30', to: '04:00', timezone: 'Europe/Berlin' };
  expect(at('2026-03-29T00:00Z', gap)).toEqual(['2026-03-29T01:30', '2026-03-29T02:00']);
  const within: Recurrence = { ...gap, to: '02:45' };
  expect(at('2026-03-29T00:00Z', within)).toEqual(['2026-03-29T01:30', '2026-03-29T01:45']);
});

test('a window recurs only within its bounds', () => {
  const startsAt = '2026-11-20T23:00Z';
  const endsAt = '2026-11-21T22:00Z';
  expect(at('2026-11-01T00:00Z', nightly, { startsAt, endsAt })).toEqual([
    '2026-11-20T23:00',
    '2026-11-21T05:00',
  ]);
  expect(at('2026-11-21T06:00Z', nightly, { startsAt, endsAt })).toEqual([
    '2026-11-21T21:00',
    '2026-11-21T22:00',
  ]);
  expect(at('2026-11-21T22:00Z', nightly, { startsAt, endsAt })).toBeNull();
});
