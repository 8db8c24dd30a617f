import { expect, test } from 'vitest';
import { inUnit } from './quantity.ts';

test.each([
  [0.0731, 'ratio', '7.31 %'],
  [1, 'ratio', '100 %'],
  [0.07, 'ratio', '7 %'],
  [1_250.4, 'milliseconds', '1,250 ms'],
  [0.125, 'milliseconds', '0.125 ms'],
  [90, 'seconds', '90 s'],
  [1_234_567, 'count', '1,234,567'],
  [12_345, 'tokens', '12,345 tokens'],
  [-0.5, 'any', '-0.5'],
] as const)('%d as %s is %s', (value, unit, text) => {
  expect(inUnit(value, { unit })).toBe(text);
});

test.each([
  [123_456, 'USD', '$1,234.56'],
  [0.42, 'USD', '$0.0042'],
  [1_234.5, 'USD', '$12.345'],
  [-250, 'EUR', '-€2.50'],
  [5_000, 'JPY', '¥5,000'],
  [12_345, 'KWD', 'KWD\u00a012.345'],
  [123_456, undefined, '1,234.56'],
] as const)('%d minor units of %s are %s', (value, currency, text) => {
  expect(inUnit(value, { unit: 'cents', ...(currency && { currency }) })).toBe(text);
});

test.each([
  [99.995, 100, 'any', '99.995', '100'],
  [1_000.4, 1_000, 'milliseconds', '1,000.4 ms', '1,000 ms'],
  [1_250.4, 1_000, 'milliseconds', '1,250 ms', '1,000 ms'],
  [0.050_000_2, 0.05, 'ratio', '5.00002 %', '5 %'],
  [10_000.000_01, 10_000, 'cents', '$100.0000001', '$100.00'],
  [1_000_000.5, 1_000_000, 'tokens', '1,000,000.5 tokens', '1,000,000 tokens'],
  [5, 5, 'count', '5', '5'],
] as const)('%d beside %d (%s) is %s', (value, threshold, unit, text, ofThreshold) => {
  const measure = { unit, currency: 'USD' };
  expect(inUnit(value, measure, [threshold])).toBe(text);
  expect(inUnit(threshold, measure, [value])).toBe(ofThreshold);
});

test('a number that differs from another is never shown as the same', () => {
  for (let power = 0; power < 12; power++) {
    const [one, other] = [1 + 10 ** -power, 1];
    for (const unit of ['ratio', 'milliseconds', 'cents', 'count'] as const)
      expect(inUnit(one, { unit }, [other])).not.toBe(inUnit(other, { unit }, [one]));
  }
});
