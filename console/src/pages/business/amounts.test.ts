import { expect, test } from 'vitest';
import { inUnits, mainCurrency } from './amounts.ts';

function revenue(currency: string, value: number | null, minorUnitDecimals = 2) {
  return { currency, minorUnitDecimals, revenueCents: { value, previous: null } };
}

test('a currency has the decimals that it has', () => {
  expect(inUnits(revenue('EUR', 0), 1_999)).toBe(19.99);
  expect(inUnits(revenue('JPY', 0, 0), 1_999)).toBe(1_999);
  expect(inUnits(revenue('EUR', 0), null)).toBeNull();
});

test('the main currency has the largest revenue over all', () => {
  const all = [
    { byCurrency: [revenue('EUR', 500), revenue('USD', 900)] },
    { byCurrency: [revenue('EUR', 600), revenue('USD', null)] },
  ];
  expect(mainCurrency(all)).toBe('EUR');
  expect(mainCurrency([])).toBeUndefined();
});
