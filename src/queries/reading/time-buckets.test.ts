import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../time.ts';
import { type Bucketing, bucketBoundaries, estimateBuckets, isTimeZone } from './time-buckets.ts';

function at(text: string): number {
  return Date.parse(text);
}

function boundaries(start: string, end: string, bucketing: Bucketing, zone: string): number[] {
  return bucketBoundaries({ start: at(start), end: at(end) }, bucketing, zone);
}

function iso(millis: number): string {
  return new Date(millis).toISOString().replace(':00.000Z', 'Z');
}

/** The length of each bucket, in hours. */
function hoursOf(given: readonly number[]): number[] {
  return given.slice(1).map((boundary, index) => (boundary - (given[index] ?? 0)) / HOUR);
}

/** The local time of a zone, as Node itself knows it. */
function onTheClock(millis: number, zone: string): { weekday: string; date: string; time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    dateStyle: undefined,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(millis);
  const part = (type: string) => parts.find((some) => some.type === type)?.value ?? '';
  return {
    weekday: part('weekday'),
    date: `${part('year')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}`,
  };
}

describe('in UTC', () => {
  test('days begin at midnight and weeks on Sunday, and the ends of a range widen to them', () => {
    expect(boundaries('2026-11-18T13:30:00Z', '2026-11-20T00:00:00.001Z', 'day', 'UTC').map(iso)).toEqual([
      '2026-11-18T00:00Z',
      '2026-11-19T00:00Z',
      '2026-11-20T00:00Z',
      '2026-11-21T00:00Z',
    ]);
    expect(boundaries('2026-11-18T13:30:00Z', '2026-11-22T00:00:00Z', 'week', 'UTC').map(iso)).toEqual([
      '2026-11-15T00:00Z',
      '2026-11-22T00:00Z',
    ]);
    expect(boundaries('2026-11-22T00:00:00Z', '2026-11-22T00:00:01Z', 'week', 'UTC').map(iso)).toEqual([
      '2026-11-22T00:00Z',
      '2026-11-29T00:00Z',
    ]);
  });

  test('buckets are the same as those of a zone without an offset', () => {
    for (const granularity of ['hour', 'day', 'week'] as const) {
      const range = ['2026-01-30T05:55:00Z', '2026-03-02T05:05:00Z', granularity] as const;
      expect(boundaries(...range, 'Africa/Abidjan')).toEqual(boundaries(...range, 'UTC'));
    }
  });
});

describe('days around a clock change', () => {
  test.each([
    ['America/New_York', '2026-03-07T05:00Z', '2026-03-10T04:00Z', [24, 23, 24]],
    ['America/New_York', '2026-10-31T04:00Z', '2026-11-03T05:00Z', [24, 25, 24]],
    ['Europe/Berlin', '2026-03-28T23:00Z', '2026-03-30T22:00Z', [23, 24]],
    ['Europe/Berlin', '2026-10-24T22:00Z', '2026-10-26T23:00Z', [25, 24]],
    ['Australia/Lord_Howe', '2026-10-02T13:30Z', '2026-10-04T13:00Z', [24, 23.5]],
    ['Australia/Lord_Howe', '2026-04-03T13:00Z', '2026-04-05T13:30Z', [24, 24.5]],
    // Midnight itself is skipped, and comes twice.
    ['Asia/Beirut', '2026-03-27T22:00Z', '2026-03-29T21:00Z', [24, 23]],
    ['America/Havana', '2026-10-31T04:00Z', '2026-11-02T05:00Z', [24, 25]],
    // 30 December 2011 was skipped.
    ['Pacific/Apia', '2011-12-28T10:00Z', '2012-01-01T10:00Z', [24, 24, 24, 24]],
    ['Asia/Kathmandu', '2026-11-17T18:15Z', '2026-11-19T18:15Z', [24, 24]],
  ])('%s from %s have the right lengths', (zone, start, end, hours) => {
    const days = boundaries(start, end, 'day', zone);
    expect(iso(days[0] ?? 0)).toBe(start);
    expect(iso(days.at(-1) ?? 0)).toBe(end);
    expect(hoursOf(days)).toEqual(hours);
  });

  test('Apia has no 30 December 2011', () => {
    const days = boundaries('2011-12-28T10:00Z', '2012-01-01T10:00Z', 'day', 'Pacific/Apia');
    expect(days.map((day) => onTheClock(day, 'Pacific/Apia').date.slice(5))).toEqual([
      '12-28',
      '12-29',
      '12-31',
      '01-01',
      '01-02',
    ]);
  });

  test.each([
    ['America/New_York', '2026-03-08T05:00Z', '2026-03-09T04:00Z', 23],
    ['America/New_York', '2026-11-01T04:00Z', '2026-11-02T05:00Z', 25],
    ['Europe/Berlin', '2026-10-24T22:00Z', '2026-10-25T23:00Z', 25],
  ])('%s from %s have an hour for every hour', (zone, start, end, count) => {
    const hours = boundaries(start, end, 'hour', zone);
    expect(hoursOf(hours)).toEqual(Array.from({ length: count }, () => 1));
  });

  test('Lord Howe, whose clock moves by half an hour, has all its half hours', () => {
    const zone = 'Australia/Lord_Howe';
    const back = boundaries('2026-04-04T13:00Z', '2026-04-05T13:30Z', 'hour', zone);
    expect(hoursOf(back).reduce((sum, hours) => sum + hours, 0)).toBe(24.5);
    const forth = boundaries('2026-10-03T13:30Z', '2026-10-04T13:00Z', 'hour', zone);
    expect(hoursOf(forth).reduce((sum, hours) => sum + hours, 0)).toBe(23.5);
    for (const hours of [...hoursOf(back), ...hoursOf(forth)]) expect([0.5, 1]).toContain(hours);
  });
});

test('hours and days of Kathmandu begin at a quarter to the hour of UTC', () => {
  expect(boundaries('2026-11-20T10:00Z', '2026-11-20T11:00Z', 'hour', 'Asia/Kathmandu').map(iso)).toEqual([
    '2026-11-20T09:15Z',
    '2026-11-20T10:15Z',
    '2026-11-20T11:15Z',
  ]);
});

test('months begin on the first of the month, at midnight of the zone', () => {
  const clocks = boundaries('2026-01-15T00:00Z', '2026-12-02T00:00Z', 'month', 'America/New_York').map((at) =>
    onTheClock(at, 'America/New_York'),
  );
  expect(clocks).toHaveLength(13);
  for (const { date, time } of clocks) expect([date.slice(-2), time]).toEqual(['01', '00:00']);
  expect(boundaries('2026-02-03T00:00Z', '2026-02-04T00:00Z', 'month', 'UTC')).toEqual([
    Date.parse('2026-02-01T00:00Z'),
    Date.parse('2026-03-01T00:00Z'),
  ]);
});

test('weeks of a zone begin at its Sunday midnight, even in a week with a clock change', () => {
  for (const zone of ['America/New_York', 'Asia/Tokyo', 'Asia/Kathmandu', 'Australia/Lord_Howe']) {
    for (const week of boundaries('2026-01-01T00:00Z', '2026-12-31T00:00Z', 'week', zone)) {
      expect(onTheClock(week, zone)).toMatchObject({ weekday: 'Sun', time: '00:00' });
    }
  }
});

test('buckets follow each other in any zone and range, with no day missing or doubled', () => {
  const zones = Intl.supportedValuesOf('timeZone');
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom('hour', 'day', 'week'),
      fc.integer({ min: at('2005-01-01T00:00Z'), max: at('2027-01-01T00:00Z') }),
      fc.integer({ min: 1, max: 20 * DAY }),
      (zone, granularity, start, length) => {
        const found = bucketBoundaries({ start, end: start + length }, granularity, zone);
        expect(found.length).toBeGreaterThan(1);
        expect(found[0]).toBeLessThanOrEqual(start);
        expect(found[1]).toBeGreaterThan(start);
        expect(found.at(-1)).toBeGreaterThanOrEqual(start + length);
        expect(found.at(-2)).toBeLessThan(start + length);
        for (const [index, hours] of hoursOf(found).entries()) {
          const boundary = found[index] ?? 0;
          expect(hours).toBeGreaterThan(0);
          if (granularity === 'hour') expect(hours).toBeLessThanOrEqual(1.5);
          else if (granularity === 'day') {
            // The minute before belongs to another day, so this is the first minute of its day.
            expect(onTheClock(boundary - MINUTE, zone).date).not.toBe(onTheClock(boundary, zone).date);
            // The clocks of Casey, in Antarctica, have gone back by three hours.
            expect(hours).toBeLessThanOrEqual(27);
          } else expect(onTheClock(boundary, zone).weekday).toBe('Sun');
        }
        // The estimate is never so far off that a range that fits is refused.
        const most = granularity === 'hour' ? 4 : 2;
        expect(
          Math.abs(found.length - 1 - estimateBuckets({ start, end: start + length }, granularity)),
        ).toBeLessThanOrEqual(most);
      },
    ),
    { numRuns: 400 },
  );
});

describe('a time zone', () => {
  test.each(['UTC', 'Etc/UTC', 'Europe/Berlin', 'america/new_york', 'Asia/Kathmandu', 'GMT', 'EST5EDT'])(
    'can be %s',
    (zone) => {
      expect(isTimeZone(zone)).toBe(true);
      expect(() => boundaries('2026-01-01T00:00Z', '2026-01-03T00:00Z', 'day', zone)).not.toThrow();
    },
  );

  test.each([
    '',
    'Mars/Olympus',
    '+02:00',
    '-05:00',
    '+0200',
    "'; drop table",
    'Europe/Berlin ',
    '\0',
    'undefined',
    'IST',
    'PST',
    '2026-01-01T00:00Z',
  ])('cannot be %j', (zone) => {
    expect(isTimeZone(zone)).toBe(false);
  });

  test('can be any that the runtime knows', () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      expect(isTimeZone(zone)).toBe(true);
      expect(boundaries('2026-06-01T00:00Z', '2026-06-02T00:00Z', 'day', zone).length).toBeLessThanOrEqual(3);
    }
  });
});

test('a range of millions of buckets is refused before any bucket is made', () => {
  expect(() => boundaries('1700-01-01T00:00Z', '2200-01-01T00:00Z', 'hour', 'UTC')).toThrow(RangeError);
});
