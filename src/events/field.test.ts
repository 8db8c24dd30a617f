import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cents, choice, type Field, integer, milliseconds, Refusal, text } from './field.ts';

const about = 'What it is';

function isRefused(field: Field, value: unknown): boolean {
  return field.read(value) instanceof Refusal;
}

/** What no field takes. */
const alien = [undefined, null, {}, [], [1], true, Number.NaN, Number.POSITIVE_INFINITY];

describe('cents', () => {
  const field = cents({ about });

  test('with four decimals are stored exactly, whatever their size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e14 }), (units) => {
        // Through the text, as it arrives: no arithmetic of ours makes the number.
        const digits = String(units).padStart(5, '0');
        const sent: number = JSON.parse(
          `${digits.slice(0, -4).replace(/^0+(?=\d)/, '')}.${digits.slice(-4)}`,
        );
        expect(field.read(sent)).toBe(units);
      }),
      { numRuns: 5_000 },
    );
  });

  test('of every four-decimal amount below a dollar are stored exactly', () => {
    for (let units = 0; units < 1_000_000; units++) {
      if (field.read(units / 10_000) !== units) expect(field.read(units / 10_000)).toBe(units);
    }
  });

  test.each([0.00001, 1.23456, 1e-9, 9_999_999_999.00005])('with more decimals are refused: %d', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });

  test.each([-0.0001, 1e10 + 1, '1.5', ...alien])('%j are refused', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });

  test('below zero are taken where a discount may be', () => {
    expect(cents({ about, min: -1e10 }).read(-19.9999)).toBe(-199_999);
    expect(isRefused(cents({ about, min: -1e10 }), -1e10 - 1)).toBe(true);
  });
});

describe('milliseconds', () => {
  const field = milliseconds({ about });

  test('are stored as microseconds, the nearest', () => {
    expect(field.read(0)).toBe(0);
    expect(field.read(1.5)).toBe(1_500);
    expect(field.read(0.0004)).toBe(0);
    expect(field.read(820.1234)).toBe(820_123);
    expect(field.read(2_592_000_000)).toBe(2_592_000_000_000);
  });

  test.each([-1, -0.001, 2_592_000_001, '12', ...alien])('%j are refused', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });
});

describe('a whole number', () => {
  const field = integer({ about });

  test.each([0, 1, 2 ** 31, 1e12])('%d is taken', (value) => {
    expect(field.read(value)).toBe(value);
  });

  test.each([-1, 1.5, 1e12 + 1, 2 ** 53, '1', '', ...alien])('%j is refused', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });

  test('has its own bounds', () => {
    const status = integer({ about, min: 100, max: 599 });
    expect([99, 100, 599, 600].map((code) => isRefused(status, code))).toEqual([true, false, false, true]);
  });
});

describe('a choice', () => {
  const field = choice(['a', 'b'], { about });

  test('is one of those', () => {
    expect(field.read('b')).toBe('b');
    expect(field.read('c')).toEqual(new Refusal('one of a, b'));
  });

  test.each(['', 'A', 'a ', 'toString', '__proto__', ...alien])('%j is none', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });
});

describe('text', () => {
  const field = text({ about, maxLength: 5 });

  test.each(['x', 'fünf', '五', '👍', "'; --", '\\"\t\n'])('%j is taken as it is', (value) => {
    expect(field.read(value)).toBe(value);
  });

  test.each(['', 'sechs!', 'a\0', '\ud83d', 'x\udc4d', 5, ...alien])('%j is refused', (value) => {
    expect(isRefused(field, value)).toBe(true);
  });

  test('may have to match', () => {
    const currency = text({ about, pattern: /^[A-Z]{3}$/, expected: 'three capitals' });
    expect(currency.read('EUR')).toBe('EUR');
    for (const wrong of ['eur', 'EURO', 'EUR\n', 'ЕUR', 7])
      expect(currency.read(wrong)).toEqual(new Refusal('three capitals'));
  });
});
