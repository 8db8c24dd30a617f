import { describe, expect, test } from 'vitest';
import { attentionOf, type ProductDemand, stockStatusOf } from './attention.ts';

const usual: ProductDemand = {
  stock: 100,
  views: 0,
  unitsSold: 0,
  unitsSoldBefore: null,
  comparedWith: 'previous',
  unitsReturned: 0,
};

function reasonsOf(demand: Partial<ProductDemand>, lowStock = 10) {
  return attentionOf({ ...usual, ...demand }, lowStock).map(({ reason }) => reason);
}

test.each([
  [null, 'unknown'],
  [-3, 'out'],
  [0, 'out'],
  [1, 'low'],
  [10, 'low'],
  [11, 'in_stock'],
] as const)('%s in stock is %s', (stock, status) => {
  expect(stockStatusOf(stock, 10)).toBe(status);
});

describe('a product needs attention', () => {
  test.each<[string, Partial<ProductDemand>, string[]]>([
    ['is out of stock and viewed', { stock: 0, views: 1 }, ['out_of_stock_in_demand']],
    ['is out of stock and was sold', { stock: 0, unitsSold: 1 }, ['out_of_stock_in_demand']],
    ['is nearly out of stock and sells', { stock: 3, unitsSold: 1 }, ['low_stock_in_demand']],
    ['is viewed often and never bought', { views: 20 }, ['viewed_not_bought']],
    ['sells half as well as before', { unitsSold: 3, unitsSoldBefore: 6 }, ['falling_sales']],
    ['is returned often', { unitsSold: 15, unitsReturned: 3 }, ['many_returns']],
    [
      'has several reasons, the most urgent first',
      { stock: 0, views: 30, unitsSoldBefore: 9, unitsReturned: 3 },
      ['out_of_stock_in_demand', 'many_returns', 'viewed_not_bought', 'falling_sales'],
    ],
  ])('when it %s', (_, demand, reasons) => {
    expect(reasonsOf(demand)).toEqual(reasons);
  });
});

describe('a product needs no attention', () => {
  test.each<[string, Partial<ProductDemand>]>([
    ['is out of stock and nobody views it', { stock: 0 }],
    ['is nearly out of stock and was not bought', { stock: 1, views: 19 }],
    ['was viewed a few times', { views: 19 }],
    ['sold few units before', { unitsSold: 0, unitsSoldBefore: 5 }],
    ['has nothing to compare with', { unitsSold: 1 }],
    ['is returned twice', { unitsReturned: 2 }],
    ['is returned rarely', { unitsSold: 16, unitsReturned: 3 }],
  ])('when it %s', (_, demand) => {
    expect(reasonsOf(demand)).toEqual([]);
  });
});

test('a reason gives its numbers', () => {
  const demand = { ...usual, stock: 0, views: 31, unitsSold: 2 };
  expect(attentionOf(demand, 10)).toEqual([
    { reason: 'out_of_stock_in_demand', detail: 'None in stock; viewed 31 times, 2 sold.' },
  ]);
});

test.each([
  ['previous', '2 sold, after 8 in the period before.'],
  ['year', '2 sold, after 8 in the same period a year before.'],
] as const)('fallen sales compared with %s name the time compared with', (comparedWith, detail) => {
  const fallen: ProductDemand = { ...usual, unitsSold: 2, unitsSoldBefore: 8, comparedWith };
  expect(attentionOf(fallen, 10)).toEqual([{ reason: 'falling_sales', detail }]);
});
