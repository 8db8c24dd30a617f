import { expect, test } from 'vitest';
import {
  byRevenue,
  comparedRevenue,
  countsOf,
  currenciesOf,
  type OrderRow,
  revenueByCurrency,
  tallyOrders,
} from './order-figures.ts';

function row(
  currency: string,
  status: OrderRow['status'],
  cents: number,
  { count = 1, units = count }: { count?: number; units?: number } = {},
): OrderRow {
  return {
    ...{ currency, status, count, units },
    amount: cents * 10_000,
  };
}

test('refunds and cancellations are subtracted in their own currency, and currencies are never added up', () => {
  const tally = tallyOrders([
    row('EUR', 'completed', 500.25, { count: 2 }),
    row('EUR', 'refunded', 100),
    row('EUR', 'cancelled', 0.0001),
    row('JPY', 'completed', 9_000),
    row('USD', 'refunded', 70),
  ]);
  expect(revenueByCurrency(tally)).toEqual([
    {
      currency: 'EUR',
      minorUnitDecimals: 2,
      revenueCents: 400.2499,
      grossCents: 500.25,
      refundsCents: 100,
      cancellationsCents: 0.0001,
      overRefundedCents: 0,
    },
    {
      ...{ currency: 'JPY', minorUnitDecimals: 0, revenueCents: 9_000, grossCents: 9_000 },
      ...{ refundsCents: 0, cancellationsCents: 0, overRefundedCents: 0 },
    },
    {
      ...{ currency: 'USD', minorUnitDecimals: 2, revenueCents: -70, grossCents: 0 },
      ...{ refundsCents: 70, cancellationsCents: 0, overRefundedCents: 0 },
    },
  ]);
  expect(countsOf(tally)).toEqual({
    completed: 3,
    refunded: 2,
    cancelled: 1,
    unitsSold: 3,
    unitsReturned: 3,
  });
});

test('a currency with sales in only one of the two ranges is listed, with 0 for the other', () => {
  const [eur, usd] = comparedRevenue(
    tallyOrders([row('EUR', 'completed', 10, { count: 3 })]),
    tallyOrders([row('USD', 'completed', 5)]),
  );
  expect(eur?.revenueCents).toEqual({ value: 10, previous: 0, changePercent: null });
  expect(usd?.revenueCents).toEqual({ value: 0, previous: 5, changePercent: -100 });
});

test('currencies are listed by their number of events, whatever they are worth', () => {
  const tally = tallyOrders([
    row('JPY', 'completed', 1e9),
    row('EUR', 'completed', 1, { count: 2 }),
    row('AUD', 'refunded', 1),
  ]);
  expect(currenciesOf(tally)).toEqual(['EUR', 'AUD', 'JPY']);
});

test('products are ordered by the first currency in which their revenue differs', () => {
  const a = tallyOrders([row('EUR', 'completed', 5), row('USD', 'completed', 1)]);
  const b = tallyOrders([row('EUR', 'completed', 5), row('USD', 'completed', 2)]);
  expect(byRevenue(['EUR', 'USD'])(a, b)).toBeGreaterThan(0);
  expect(byRevenue(['EUR'])(a, b)).toBe(0);
  expect(byRevenue(['USD'])(tallyOrders([row('USD', 'refunded', 1)]), tallyOrders([]))).toBeGreaterThan(0);
});
