import { describe, expect, test } from 'vitest';
import { granularityOf, liveInterval, rangeBefore, rangeText, readRange } from './range.ts';
import { isZone, momentOf, offsetText, startOfDay, startOfMonth, zoneText } from './zone.ts';

const NOW = Date.parse('2026-11-11T13:14:15Z');

function asText(moment: number): string {
  return new Date(moment).toISOString();
}

describe('a zone', () => {
  test('begins its days and months at its own midnight', () => {
    expect(asText(startOfDay(NOW, 'Europe/Berlin'))).toBe('2026-11-10T23:00:00.000Z');
    expect(asText(startOfMonth(NOW, 'Europe/Berlin', -1))).toBe('2026-09-30T22:00:00.000Z');
    expect(asText(startOfMonth(NOW, 'Asia/Kathmandu'))).toBe('2026-10-31T18:15:00.000Z');
  });

  test('is told in words', () => {
    expect(zoneText(NOW, 'Europe/Berlin')).toBe('Europe/Berlin, UTC+1');
    expect(zoneText(Date.parse('2026-07-01'), 'Europe/Berlin')).toBe('Europe/Berlin, UTC+2');
    expect(offsetText(NOW, 'Asia/Kathmandu')).toBe('UTC+5:45');
    expect(zoneText(NOW, 'UTC')).toBe('UTC');
  });

  test('has a day that begins after midnight where the clock skips it', () => {
    const midnight = { year: 2026, month: 4, day: 24, hour: 0, minute: 0, second: 0 };
    expect(asText(momentOf(midnight, 'Africa/Cairo'))).toBe('2026-04-23T22:00:00.000Z');
  });

  test('exists or not', () => {
    expect(isZone('Europe/Berlin')).toBe(true);
    expect(isZone('Mars/Olympus')).toBe(false);
  });
});

describe('a range', () => {
  test.each([
    ['1h', '2026-11-11T12:15:00.000Z', 'minute'],
    ['24h', '2026-11-10T13:00:00.000Z', 'hour'],
    ['7d', '2026-11-04T13:00:00.000Z', 'hour'],
    ['30d', '2026-10-12T22:00:00.000Z', 'day'],
    ['month', '2026-10-31T23:00:00.000Z', 'day'],
  ])('%s moves with the time and begins with a whole bucket', (text, start, granularity) => {
    const range = readRange(text, 'Europe/Berlin', NOW);
    expect(asText(range.start)).toBe(start);
    expect(asText(range.end)).toBe('2026-11-11T13:15:00.000Z');
    expect(range).toMatchObject({ text, granularity, isMoving: true });
  });

  test('of last month ends where this month begins', () => {
    const range = readRange('last-month', 'UTC', NOW);
    expect(rangeText(range.start, range.end)).toBe('2026-10-01T00:00:00Z/2026-11-01T00:00:00Z');
    expect(range.isMoving).toBe(false);
  });

  test('of two moments stays where it is', () => {
    const text = '2026-11-01T00:00:00Z/2026-11-08T00:00:00Z';
    expect(readRange(text, 'UTC', NOW)).toMatchObject({ text, granularity: 'hour', isMoving: false });
  });

  test.each(['', 'soon', '2026-11-08/2026-11-01', '2026-11-01/x', 'a/b/c'])(
    '%j means the default',
    (text) => {
      expect(readRange(text, 'UTC', NOW).text).toBe('24h');
    },
  );

  test('hours of Kathmandu begin at their own whole hours', () => {
    expect(asText(readRange('24h', 'Asia/Kathmandu', NOW).start)).toBe('2026-11-10T13:15:00.000Z');
  });
});

test('the time before has the same length, or is the month before', () => {
  const before = (text: string) => {
    const { start, end } = rangeBefore(readRange(text, 'UTC', NOW), 'UTC');
    return rangeText(start, end);
  };
  expect(before('1h')).toBe('2026-11-11T11:15:00Z/2026-11-11T12:15:00Z');
  expect(before('month')).toBe('2026-10-01T00:00:00Z/2026-10-11T13:15:00Z');
  expect(before('last-month')).toBe('2026-09-01T00:00:00Z/2026-10-01T00:00:00Z');
});

test('longer ranges have wider buckets and are asked for less often', () => {
  const hour = 3_600_000;
  expect([1, 6, 24, 24 * 30, 24 * 365, 24 * 1_000].map((hours) => granularityOf(hours * hour))).toEqual([
    'minute',
    'quarter_hour',
    'hour',
    'day',
    'week',
    'month',
  ]);
  expect(liveInterval({ start: 0, end: 24 * hour })).toBe(10_000);
  expect(liveInterval({ start: 0, end: 48 * hour })).toBe(60_000);
});
