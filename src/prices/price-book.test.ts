import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Price } from './price.ts';
import { PriceBook } from './price-book.ts';

function priceOf(given: Partial<Price>): Price {
  return {
    provider: 'replicate',
    pipeline: null,
    operation: null,
    effectiveFrom: 0,
    effectiveTo: null,
    centsPerJob: 1,
    centsPerSecond: null,
    centsPerMillionInputTokens: null,
    centsPerMillionOutputTokens: null,
    ...given,
  };
}

const job = { provider: 'replicate', pipeline: '3d', operation: null };

describe('the price in force', () => {
  const [first, second, ended] = [
    priceOf({ effectiveFrom: 100 }),
    priceOf({ effectiveFrom: 200 }),
    priceOf({ effectiveFrom: 300, effectiveTo: 400 }),
  ];
  const book = new PriceBook([second, first, ended]);

  test.for([
    [99, undefined],
    [100, first],
    [199.999, first],
    [200, second],
    [300, ended],
    [399, ended],
    [400, undefined],
  ] as const)('at %d is the one that began last, unless it has ended', ([at, price]) => {
    expect(book.inForce(job, at)).toBe(price);
  });

  test('is that of the narrowest scope with a price', () => {
    const provider = priceOf({});
    const pipeline = priceOf({ pipeline: 'assets', effectiveFrom: 100 });
    const operation = priceOf({ pipeline: 'assets', operation: 'approval', effectiveTo: 300 });
    const scoped = new PriceBook([provider, pipeline, operation]);
    const approval = { provider: 'replicate', pipeline: 'assets', operation: 'approval' };
    expect(scoped.inForce(approval, 200)).toBe(operation);
    expect(scoped.inForce(approval, 300)).toBe(pipeline);
    expect(scoped.inForce({ ...approval, operation: 'versioning' }, 99)).toBe(provider);
    expect(scoped.inForce({ ...approval, operation: null }, 200)).toBe(pipeline);
    expect(scoped.inForce({ ...approval, provider: 'tripo' }, 200)).toBeUndefined();
  });
});

test('over a range, prices follow one another without a gap', () => {
  const [first, second] = [
    priceOf({ effectiveFrom: 100, effectiveTo: 150 }),
    priceOf({ effectiveFrom: 200, pipeline: '3d' }),
  ];
  expect(new PriceBook([first, second]).periodsIn(job, { start: 0, end: 300 })).toEqual([
    { start: 0, end: 100, price: undefined },
    { start: 100, end: 150, price: first },
    { start: 150, end: 200, price: undefined },
    { start: 200, end: 300, price: second },
  ]);
  expect(new PriceBook([]).periodsIn(job, { start: 0, end: 300 })).toEqual([
    { start: 0, end: 300, price: undefined },
  ]);
});

test('over a range, the book gives the price in force at every moment', () => {
  const moment = fc.integer({ min: 0, max: 30 });
  const anyPrice = fc
    .tuple(moment, fc.option(moment), fc.constantFrom(null, '3d'))
    .map(([from, length, pipeline]) =>
      priceOf({ effectiveFrom: from, effectiveTo: length === null ? null : from + length + 1, pipeline }),
    );
  fc.assert(
    fc.property(fc.array(anyPrice, { maxLength: 6 }), (prices) => {
      const book = new PriceBook(prices);
      const stretches = book.periodsIn(job, { start: 5, end: 25 });
      for (let at = 5; at < 25; at++) {
        const [found, ...others] = stretches.filter(({ start, end }) => at >= start && at < end);
        expect(others).toEqual([]);
        expect(found?.price).toBe(book.inForce(job, at));
      }
    }),
  );
});
