import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CallQuantities, callCost } from './call-cost.ts';
import type { ModelPrice, PriceTier, TokenRates } from './model-price.ts';

const noRates: TokenRates = {
  usdPerMillionInputTokens: null,
  usdPerMillionOutputTokens: null,
  usdPerMillionCacheReadTokens: null,
  usdPerMillionCacheWriteTokens: null,
  usdPerMillionCacheWriteHourTokens: null,
  usdPerMillionReasoningTokens: null,
};

function priceOf(input: number, output: number, more: Partial<ModelPrice> = {}): ModelPrice {
  return {
    ...{ provider: 'p', model: 'm', serviceTier: null, effectiveFrom: 0, effectiveTo: null },
    ...{ ...noRates, usdPerCall: null, usdPerSecond: null, usdPerImage: null, tiers: [] },
    ...{ usdPerMillionInputTokens: input, usdPerMillionOutputTokens: output },
    ...more,
  };
}

function tokensOf(more: Partial<CallQuantities> = {}): CallQuantities {
  return {
    ...{ input: undefined, output: undefined, duration: undefined, images: undefined },
    ...{ cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, reasoning: 0, ...more },
  };
}

const mini = priceOf(0.15, 0.6, { usdPerMillionCacheReadTokens: 0.075 });
const sonnet = priceOf(3, 15, { usdPerMillionCacheReadTokens: 0.3, usdPerMillionCacheWriteTokens: 3.75 });

test.each<[string, ModelPrice, Partial<CallQuantities>, number]>([
  ['cached tokens are part of the input', mini, { input: 1_200, output: 350, cacheRead: 1_000 }, 315_000],
  [
    'caches are read and written',
    sonnet,
    { input: 12_000, output: 300, cacheRead: 9_000, cacheWrite: 2_000 },
    17_700_000,
  ],
  [
    'what a cache keeps for an hour has a rate of its own',
    { ...sonnet, usdPerMillionCacheWriteHourTokens: 6 },
    { input: 12_000, output: 0, cacheRead: 9_000, cacheWrite: 2_000, cacheWriteHour: 500 },
    // 1,000 · 3 + 9,000 · 0.3 + 1,500 · 3.75 + 500 · 6
    14_325_000,
  ],
  [
    'without that rate, it costs as any written token',
    sonnet,
    { input: 9, cacheWrite: 9, cacheWriteHour: 4 },
    33_750,
  ],
  [
    'the time of a call has a price',
    priceOf(1, 1, { usdPerSecond: 0.0002 }),
    { input: 1, output: 0, duration: 1_500_000 },
    301_000,
  ],
  [
    'tokens and time are rounded once together',
    priceOf(0.0004, 0, { usdPerSecond: 0.000000001 }),
    { input: 1, duration: 100_000 },
    1,
  ],
  [
    'images have a price',
    priceOf(1, 1, { usdPerImage: 0.04 }),
    { input: 1, output: 0, images: 3 },
    120_001_000,
  ],
  ['a call that names no images has none', priceOf(1, 1, { usdPerImage: 0.04 }), { input: 1 }, 1_000],
  [
    'without a rate for caches, they cost as input',
    priceOf(3, 15),
    { input: 10, cacheRead: 4, cacheWrite: 6 },
    30_000,
  ],
  [
    'reasoning is part of the output',
    priceOf(1, 10, { usdPerMillionReasoningTokens: 2 }),
    { input: 0, output: 10, reasoning: 4 },
    68_000,
  ],
  ['an embedding has no output', priceOf(0.02, 0), { input: 10 }, 200],
  [
    'each call costs something besides',
    priceOf(1, 1, { usdPerCall: 0.01 }),
    { input: 1, output: 0 },
    10_001_000,
  ],
  ['half a nano-dollar is rounded up', priceOf(0.0005, 0), { input: 1 }, 1],
])('%s', (_, price, tokens, nanodollars) => {
  expect(callCost(price, tokensOf(tokens))).toBe(nanodollars);
});

test('beyond the bound of a tier, the whole call goes by its rates', () => {
  const tier = (aboveInputTokens: number, usdPerMillionInputTokens: number): PriceTier => ({
    ...noRates,
    ...{ aboveInputTokens, usdPerMillionInputTokens, usdPerMillionOutputTokens: 0 },
  });
  const price = priceOf(1, 0, { tiers: [tier(200, 2), tier(1_000, 4)] });
  const costs = [200, 201, 1_000, 1_001].map((input) => callCost(price, tokensOf({ input })));
  expect(costs).toEqual([200_000, 402_000, 2_000_000, 4_004_000]);
});

test('what cannot be priced has no cost: unknown tokens, a missing rate, an absurd sum', () => {
  expect(callCost(mini, tokensOf())).toBeUndefined();
  expect(
    callCost(priceOf(1, 0, { usdPerMillionOutputTokens: null }), tokensOf({ output: 1 })),
  ).toBeUndefined();
  expect(callCost(priceOf(1_000_000, 0), tokensOf({ input: 1e12 }))).toBeUndefined();
  const perCall = { ...priceOf(0, 0), ...noRates, usdPerCall: 0.5 };
  expect(callCost(perCall, tokensOf())).toBe(500_000_000);
});

test('a price by time or images alone needs them, and no tokens', () => {
  const alone = { ...priceOf(0, 0), ...noRates };
  const bySecond = { ...alone, usdPerSecond: 0.001 };
  expect(callCost(bySecond, tokensOf({ duration: 2_000_000, input: 7 }))).toBe(2_000_000);
  expect(callCost(bySecond, tokensOf({ input: 7 }))).toBeUndefined();
  const byImage = { ...alone, usdPerImage: 0.04 };
  expect(callCost(byImage, tokensOf({ images: 2 }))).toBe(80_000_000);
  expect(callCost(byImage, tokensOf({ images: 0 }))).toBe(0);
  expect(callCost(byImage, tokensOf({ input: 7 }))).toBeUndefined();
});

test('a price by calls alone is for every call, whatever its tokens', () => {
  const perCall = { ...priceOf(0, 0), ...noRates, usdPerCall: 0.5 };
  expect(callCost(perCall, tokensOf({ input: 1_000, output: 7, cacheRead: 3 }))).toBe(500_000_000);
  // A price that has a rate for some tokens lacks one for the others.
  const embedding = { ...perCall, usdPerMillionOutputTokens: 1 };
  expect(callCost(embedding, tokensOf({ input: 1_000 }))).toBeUndefined();
  const tier = { ...noRates, aboveInputTokens: 10, usdPerMillionInputTokens: 1 };
  expect(callCost({ ...perCall, tiers: [tier] }, tokensOf({ input: 5 }))).toBeUndefined();
});

test('the cost is exact, whatever the numbers', () => {
  const rate = fc.integer({ min: 0, max: 5_000_000_000_000 });
  const count = fc.oneof(fc.nat(100_000), fc.integer({ min: 0, max: 1_000_000_000 }));
  fc.assert(
    fc.property(fc.tuple(rate, rate, rate), fc.tuple(count, count, count), ([pIn, pOut, pRead], tokens) => {
      const [plain, read, output] = tokens;
      const price = priceOf(pIn / 1e9, pOut / 1e9, { usdPerMillionCacheReadTokens: pRead / 1e9 });
      const products = [
        [plain, pIn],
        [read, pRead],
        [output, pOut],
      ] as const;
      const sum = products.reduce((total, [some, by]) => total + BigInt(some) * BigInt(by), 0n);
      const exact = (sum + 500_000n) / 1_000_000n;
      const cost = callCost(price, tokensOf({ input: plain + read, output, cacheRead: read }));
      expect(cost).toBe(exact > 10n ** 15n ? undefined : Number(exact));
    }),
    { numRuns: 2_000 },
  );
});
