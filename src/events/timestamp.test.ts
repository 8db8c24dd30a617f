import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { formatTimestamp, missingDay, parseTimestamp } from './timestamp.ts';

/** The same moment as Temporal reads it, with digits finer than microseconds cut off. */
function byTemporal(text: string): number {
  return Number((Temporal.Instant.from(text).epochNanoseconds - nanosBelowMicros(text)) / 1_000n);
}

function nanosBelowMicros(text: string): bigint {
  return BigInt((/[.,]\d{6}(\d{1,3})/.exec(text)?.[1] ?? '').padEnd(3, '0'));
}

test.each([
  '2026-01-31T12:00:00Z',
  '2026-01-31t12:00:00z',
  '2026-01-31 12:00:00Z',
  '2026-01-31T12:00:00,5Z',
  '2026-01-31T12:00:00+05:30',
  '2026-01-31T12:00:00-0930',
  '2026-01-31 12:00:00+00',
  '2026-01-31T12:00:00-15:59',
  '2024-02-29T00:00:00Z',
  '2000-02-29T23:59:59.999999999Z',
  '2025-12-31T23:59:59.9999999Z',
  '2026-01-01T00:00:00+14:00',
  '1969-12-31T23:59:59.999999Z',
  '1800-02-28T12:00:00Z',
  '2199-12-31T23:59:59.999999Z',
])('%s is the moment that Temporal reads', (text) => {
  expect(parseTimestamp(text)).toBe(byTemporal(text));
});

test('the form of toISOString is the moment that the same digits with a longer fraction are, or none like it', () => {
  const digits = (most: number, length: number) =>
    fc.integer({ min: 0, max: most }).map((number) => String(number).padStart(length, '0'));
  const anyDigits = fc.tuple(
    digits(2_300, 4),
    digits(14, 2),
    digits(33, 2),
    digits(25, 2),
    digits(61, 2),
    digits(61, 2),
  );
  fc.assert(
    fc.property(anyDigits, digits(999, 3), ([year, month, day, hour, minute, second], fraction) => {
      const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}`;
      expect(parseTimestamp(`${text}Z`)).toBe(parseTimestamp(`${text}000Z`));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['2026-02-30T00:00:00Z', '2026-02-30'],
  ['2025-02-29 12:00+02', '2025-02-29'],
  ['2026-13-01T00:00:00Z', '2026-13-01'],
  ['2026-01-00T00:00:00Z', '2026-01-00'],
  ['2024-02-29T00:00:00Z', undefined],
  ['2026-01-31T25:00:00Z', undefined],
  ['tomorrow', undefined],
])('%s names the missing day %j', (text, day) => {
  expect(missingDay(text)).toBe(day);
});

test('seconds may be left out', () => {
  expect(parseTimestamp('2026-01-31T12:00Z')).toBe(parseTimestamp('2026-01-31T12:00:00Z'));
});

test.each([
  ['1', 100_000],
  ['12', 120_000],
  ['1234567', 123_456],
  ['000001', 1],
  ['000000999', 0],
  ['999999999', 999_999],
])('a fraction of .%s seconds is kept as %i microseconds', (fraction, micros) => {
  expect(parseTimestamp(`1970-01-01T00:00:00.${fraction}Z`)).toBe(micros);
});

describe('these texts are refused', () => {
  test.each([
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T23:59:60Z',
    '2026-01-31T12:00:00',
    '2026-01-31',
    '2026-01-31T12Z',
    '2026-01-31T12:00:00.Z',
    '2026-01-31T12:00:00.1234567890Z',
    '2026-01-31T12:00:00+16:00',
    '2026-01-31T12:00:00+05:60',
    '2026-01-31T12:00:00+5:00',
    '2026-01-31T12:00:00 Z',
    ' 2026-01-31T12:00:00Z',
    '2026-01-31T12:00:00Z\n',
    '+002026-01-31T12:00:00Z',
    '20260131T120000Z',
    '2026-W05-6T12:00:00Z',
    '٢٠٢٦-01-31T12:00:00Z',
    '1769860800',
    'Sat, 31 Jan 2026 12:00:00 GMT',
    'now',
    '',
  ])('%j', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  // The zero time of Go, and a year that Date.UTC would take for 1926.
  test.each([
    '0001-01-01T00:00:00Z',
    '0026-01-01T00:00:00Z',
    '1799-12-31T23:59:59Z',
    '2200-01-01T00:00:00Z',
    '9999-12-31T23:59:59-15:59',
  ])('%s, whose year is out of range', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});

test('a time without a zone is UTC where that is assumed', () => {
  expect(parseTimestamp('2026-01-31 12:00:00', { assumeUtc: true })).toBe(
    parseTimestamp('2026-01-31T12:00:00Z'),
  );
  expect(parseTimestamp('2026-01-31 12:00:00+01:00', { assumeUtc: true })).toBe(
    parseTimestamp('2026-01-31T11:00:00Z'),
  );
});

const moments = fc.date({
  min: new Date('1800-01-02T00:00:00Z'),
  max: new Date('2199-12-30T00:00:00Z'),
  noInvalidDate: true,
});
const offsets = fc
  .tuple(fc.constantFrom('+', '-'), fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 59 }))
  .map(([sign, h, m]) => `${sign}${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);

test('every moment is read in every offset and written back in UTC', () => {
  fc.assert(
    fc.property(moments, fc.integer({ min: 0, max: 999 }), offsets, (moment, rest, offset) => {
      const micros = moment.getTime() * 1_000 + rest;
      const instant = Temporal.Instant.fromEpochNanoseconds(BigInt(micros) * 1_000n);
      expect(parseTimestamp(instant.toString({ timeZone: offset, smallestUnit: 'microsecond' }))).toBe(
        micros,
      );
      expect(parseTimestamp(formatTimestamp(micros))).toBe(micros);
      expect(byTemporal(formatTimestamp(micros))).toBe(micros);
    }),
  );
});

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789-:TZ+., '), maxLength: 40 }), (text) => {
      const read = parseTimestamp(text);
      expect(read === undefined || Number.isSafeInteger(read)).toBe(true);
    }),
  );
});
