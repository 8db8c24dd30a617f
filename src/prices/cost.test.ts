import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeCost } from './cost.ts';
import type { Price } from './price.ts';

function priceOf(parts: Partial<Price>): Price {
  return {
    provider: 'replicate',
    pipeline: null,
    operation: null,
    effectiveFrom: 0,
    effectiveTo: null,
    centsPerJob: null,
    centsPerSecond: null,
    centsPerMillionInputTokens: null,
    centsPerMillionOutputTokens: null,
    ...parts,
  };
}

const job = { duration: 41_000_000, inputTokens: undefined, outputTokens: undefined };

test.for([
  ['by the job', { centsPerJob: 22 }, job, 220_000_000],
  ['by the second', { centsPerSecond: 0.14 }, job, 57_400_000],
  ['by the second, of part of one', { centsPerSecond: 0.14 }, { ...job, duration: 1_500_000 }, 2_100_000],
  [
    'by tokens',
    { centsPerMillionInputTokens: 7.5, centsPerMillionOutputTokens: 30 },
    { ...job, inputTokens: 1_200, outputTokens: 500 },
    240_000,
  ],
  ['by several parts', { centsPerJob: 1, centsPerSecond: 0.5 }, job, 215_000_000],
  ['for nothing', { centsPerJob: 0 }, job, 0],
  ['by one kind of tokens', { centsPerMillionInputTokens: 7.5 }, { ...job, inputTokens: 1_200 }, 90_000],
] as const)('a job is priced %s', ([, price, quantities, nanodollars]) => {
  expect(computeCost(priceOf(price), quantities)).toBe(nanodollars);
});

test('half of a nano-dollar is rounded up', () => {
  const tokens = (inputTokens: number) => ({ ...job, inputTokens });
  expect(computeCost(priceOf({ centsPerMillionInputTokens: 0.05 }), tokens(1))).toBe(1);
  expect(computeCost(priceOf({ centsPerMillionInputTokens: 0.049 }), tokens(1))).toBe(0);
  expect(computeCost(priceOf({ centsPerMillionInputTokens: 0.05 }), tokens(5))).toBe(3);
});

test('a job without token counts has no cost at a price by tokens', () => {
  const price = priceOf({ centsPerJob: 1, centsPerMillionOutputTokens: 30 });
  expect(computeCost(price, job)).toBeUndefined();
  expect(computeCost(price, { ...job, inputTokens: 5 })).toBeUndefined();
  expect(computeCost(price, { ...job, outputTokens: 0 })).toBe(10_000_000);
});

test('a cost above the maximum of an event is left out', () => {
  const price = priceOf({ centsPerSecond: 100_000_000 });
  expect(computeCost(price, { ...job, duration: 1_000_000 })).toBe(1e15);
  expect(computeCost(price, { ...job, duration: 1_000_001 })).toBeUndefined();
});

test('the cost is exact where doubles would round', () => {
  const millionths = fc.integer({ min: 0, max: 1e9 });
  const anyQuantity = fc.integer({ min: 0, max: 2_592_000_000_000 });
  fc.assert(
    fc.property(millionths, anyQuantity, (price, duration) => {
      const exact = (BigInt(price) * BigInt(duration) * 2n + 100_000n) / 200_000n;
      const cost = computeCost(priceOf({ centsPerSecond: price / 1e6 }), { ...job, duration });
      expect(cost).toBe(exact > 1e15 ? undefined : Number(exact));
    }),
  );
});
