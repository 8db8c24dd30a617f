import { describe, expect, test } from 'vitest';
import { exactCount, shortCount } from './count.ts';
import { duration } from './duration.ts';
import { exactMoney, moneyColumn, shortMoney } from './money.ts';
import { changeFrom, changeText, percent } from './percent.ts';

describe('an amount on a card', () => {
  test.each([
    [0, '$0'],
    [0.0065, '$0.0065'],
    [0.000_000_004, '$0.000000004'],
    [0.01, '$0.01'],
    [0.999, '$1.00'],
    [12.3, '$12.30'],
    [-4.5, '-$4.50'],
    [999.99, '$999.99'],
    [999.999, '$1,000'],
    [1_234.56, '$1,235'],
    [null, '–'],
  ])('%s is %s', (dollars, text) => {
    expect(shortMoney(dollars)).toBe(text);
  });
});

test('an exact amount has every digit that is known', () => {
  expect(exactMoney('1234.567800001')).toBe('$1,234.567800001');
  expect(exactMoney(0)).toBe('$0');
});

describe('a column of amounts', () => {
  test('has one number of decimals', () => {
    const column = moneyColumn([12.5, 0.0065, 3]);
    expect([12.5, 0.0065, 3, 0, null].map(column)).toEqual(['$12.5000', '$0.0065', '$3.0000', '$0', '–']);
  });

  test('never shows zero for what is not zero', () => {
    const column = moneyColumn([0.000_000_004, 12]);
    expect(column(0.000_000_004)).toBe('<$0.000001');
  });

  test('of large amounts has no cents', () => {
    expect(moneyColumn([1_200, 45_000.7])(45_000.7)).toBe('$45,001');
  });
});

test.each([
  [0, '0'],
  [9_876, '9,876'],
  [12_345, '12.3K'],
  [1_234_567, '1.2M'],
  [null, '–'],
])('the count %s is %s on a card', (count, text) => {
  expect(shortCount(count)).toBe(text);
});

test('an exact count is grouped', () => {
  expect(exactCount(1_234_567)).toBe('1,234,567');
});

test.each([
  [0.44, '0.4 ms'],
  [820, '820 ms'],
  [999.6, '1.0 s'],
  [12_400, '12.4 s'],
  [59_960, '1 min'],
  [200_000, '3 min 20 s'],
  [3_599_700, '1 h'],
  [7_500_000, '2 h 5 min'],
  [null, '–'],
])('%s ms are %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test.each([
  [0, '0 %'],
  [0.0004, '<0.1 %'],
  [0.042, '4.2 %'],
  [0.99995, '>99.9 %'],
  [1, '100 %'],
  [null, '–'],
])('the share %s is %s', (share, text) => {
  expect(percent(share)).toBe(text?.replace(' ', '\u00A0'));
});

test('a change is told with its sign, and a large one as a factor', () => {
  expect(changeText(changeFrom(100, 112.3))).toBe('+12.3\u00A0%');
  expect(changeText(changeFrom(100, 96))).toBe('-4.0\u00A0%');
  expect(changeText(changeFrom(100, 100))).toBe('±0\u00A0%');
  expect(changeText(changeFrom(1, 25))).toBe('×25');
  expect(changeText(changeFrom(0, 25))).toBe('–');
});
