import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cents,
  choice,
  costInCents,
  costInDollars,
  type Field,
  integer,
  milliseconds,
  Refusal,
  readTimestamp,
  text,
} from './field.ts';

const about = 'What it is';

function isRefused(field: Field, value: unknown): boolean {
  return field.read(value) instanceof Refusal;
}

/** Values that no field accepts. */
const alien = [undefined, null, {}, [], [1], true, Number.NaN, Number.POSITIVE_INFINITY];

describe('an amount in cents', () => {
  const field = cents({ about });

  test('with four decimals is stored exactly, whatever its size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e14 }), (units) => {
        // The text of the amount is parsed as it arrives, so that no arithmetic of the test makes the number.
        const digits = String(units).padStart(5, '0');
        const sent: number = JSON.parse(
          `${digits.slice(0, -4).replace(/^0+(?=\d)/, '')}.${digits.slice(-4)}`,
        );
        expect(field.read(sent)).toBe(units);
      }),
      { numRuns: 5_000 },
    );
  });

  test('of up to a dollar is stored exactly for every four decimals', () => {
    for (let units = 0; units < 1_000_000; units++) {
      if (field.read(units / 10_000) !== units) expect(field.read(units / 10_000)).toBe(units);
    }
  });

  test.each([
    [0.001615 * 100, 1_615],
    [1.1 * 100, 1_100_000],
    [100.1 - 100, 1_000],
    [0.1 + 0.2, 3_000],
    [1_234_567.1 * 3, 37_037_013_000],
    [1e-12, 0],
  ])('with the noise of floating point counts as its decimal: %d', (value, units) => {
    expect(field.read(value)).toBe(units);
  });

  test.each([0.00001, 1.23456, 1e-9, 9_999_999_999.00005])('with more decimals is refused: %d', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });

  test.each([-0.0001, 1e10 + 1, '1.5', ...alien])('such as %j is refused', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });

  test('below zero is accepted where a discount is allowed', () => {
    expect(cents({ about, min: -1e10 }).read(-19.9999)).toBe(-199_999);
    expect(isRefused(cents({ about, min: -1e10 }), -1e10 - 1)).toBe(true);
  });
});

describe('a cost', () => {
  const inDollars = costInDollars({ about });
  const inCents = costInCents({ about });

  test('is the same in dollars and in cents, exact to the nano-dollar', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), (nanodollars) => {
        // The text of the cost is parsed as it arrives, so that no arithmetic of the test makes the number.
        const sent = (digitsBehind: number) => {
          const digits = String(nanodollars).padStart(digitsBehind + 1, '0');
          return JSON.parse(
            `${digits.slice(0, -digitsBehind).replace(/^0+(?=\d)/, '')}.${digits.slice(-digitsBehind)}`,
          ) as number;
        };
        expect(inDollars.read(sent(9))).toBe(nanodollars);
        expect(inCents.read(sent(7))).toBe(nanodollars);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    [0.001615 * 100, 1_615_000],
    [1e-7, 1],
    [3.75e-6, 38],
    [1e-12, 0],
    [100_000_000, 1e15],
  ])('of %d cents is %d nano-dollars, whatever its decimals', (cents, nanodollars) => {
    expect(inCents.read(cents)).toBe(nanodollars);
  });

  test.each([-1e-9, 1_000_001, '0.1', ...alien])('such as %j dollars is refused', (value) => {
    expect(isRefused(inDollars, value)).toBe(true);
  });
});

describe('a duration in milliseconds', () => {
  const field = milliseconds({ about });

  test('is stored in microseconds, rounded to the nearest', () => {
    expect(field.read(0)).toBe(0);
    expect(field.read(1.5)).toBe(1_500);
    expect(field.read(0.0004)).toBe(0);
    expect(field.read(820.1234)).toBe(820_123);
    expect(field.read(2_592_000_000)).toBe(2_592_000_000_000);
  });

  test.each([-1, -0.001, 2_592_000_001, '12', ...alien])('such as %j is refused', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });
});

describe('a whole number', () => {
  const field = integer({ about });

  test.each([0, 1, 2 ** 31, 1e12])('such as %d is accepted', (value) => {
    expect(field.read(value)).toBe(value);
  });

  test.each([-1, 1.5, 1e12 + 1, 2 ** 53, '1', '', ...alien])('such as %j is refused', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });

  test('is held to the bounds of its field', () => {
    const status = integer({ about, min: 100, max: 599 });
    expect([99, 100, 599, 600].map((code) => isRefused(status, code))).toEqual([true, false, false, true]);
  });
});

describe('a choice', () => {
  const field = choice(['a', 'b'], { about });

  test('accepts each of its values', () => {
    expect(field.read('b')).toBe('b');
    expect(field.read('c')).toEqual(new Refusal('one of a, b'));
  });

  test.each(['', 'A', 'a ', 'toString', '__proto__', ...alien])('refuses %j', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });
});

describe('text', () => {
  const field = text({ about, maxLength: 5 });

  test.each(['x', 'fünf', '五', '👍', "'; --", '\\"\t\n"'])('such as %j is accepted as it is', (value) => {
    expect(field.read(value)).toBe(value);
  });

  test.each(['', 'sechs!', 'a\0', '\ud83d', 'x\udc4d', 5, ...alien])('such as %j is refused', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });

  test('is trimmed and composed, so that names that look equal are equal', () => {
    expect(field.read(' x\u00a0\t')).toBe('x');
    expect(field.read('Cafe\u0301\n')).toBe('Caf\u00e9');
    expect(isRefused(field, ' \t')).toBe(true);
  });

  test('is held to the pattern of its field', () => {
    const currency = text({ about, pattern: /^[A-Z]{3}$/, expected: 'three capitals' });
    expect(currency.read('EUR')).toBe('EUR');
    for (const wrong of ['eur', 'EURO', 'EU\nR', 'ЕUR', 7])
      expect(currency.read(wrong)).toEqual(new Refusal('three capitals'));
  });
});

describe('a time', () => {
  test.each([
    [1_769_860_800, 1_769_860_800_000_000],
    [1_769_860_800.123456, 1_769_860_800_123_456],
    [1_769_860_800_123, 1_769_860_800_123_000],
    ['2026-01-31T12:00:00Z', 1_769_860_800_000_000],
  ])('such as %j is read in microseconds since the epoch', (value, micros) => {
    expect(readTimestamp(value)).toBe(micros);
  });

  test.each([0, 2026, -1_769_860_800, 1e15, '1769860800', Number.NaN])('cannot be %j', (value) => {
    expect(readTimestamp(value)).toBeInstanceOf(Refusal);
  });
});
