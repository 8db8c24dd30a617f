import { expect, test } from 'vitest';
import { readLitellmPrices } from './litellm.ts';

const NOW = '2026-11-30T06:00:00.000Z';
const chat = '"litellm_provider": "acme", "mode": "chat"';

function read(models: string) {
  return readLitellmPrices(`{${models}}`, NOW);
}

test('prices a token become prices of a million without the digits of a float, from the import on', () => {
  const list =
    read(`"acme/swift-1": {${chat}, "input_cost_per_token": 1.1e-06, "output_cost_per_token": 0.0000044,
    "cache_read_input_token_cost": 5.46875e-07, "cache_creation_input_token_cost": 2.9e-7,
    "cache_creation_input_token_cost_above_1hr": 6e-6, "input_cost_per_image": 0.0004,
    "output_cost_per_reasoning_token": 7E-6, "input_cost_per_request": 0.012}`);
  expect(list).toEqual({
    prices: [
      {
        provider: 'acme',
        model: 'swift-1',
        effectiveFrom: NOW,
        usdPerMillionInputTokens: 1.1,
        usdPerMillionOutputTokens: 4.4,
        usdPerMillionCacheReadTokens: 0.546875,
        usdPerMillionCacheWriteTokens: 0.29,
        usdPerMillionCacheWriteHourTokens: 6,
        usdPerImage: 0.0004,
        usdPerMillionReasoningTokens: 7,
        usdPerCall: 0.012,
      },
    ],
    skipped: [],
    partial: [],
  });
});

test('a price of the time of an answer counts only without one of the prompt, as LiteLLM has it', () => {
  const { prices, partial } = read(`"slow": {${chat}, "input_cost_per_second": 0.000125},
    "both": {${chat}, "input_cost_per_token": 1e-06, "input_cost_per_second": 0.000125}`);
  expect(prices).toMatchObject([{ usdPerSecond: 0.000125 }, { usdPerMillionInputTokens: 1 }]);
  expect(prices[1]).not.toHaveProperty('usdPerSecond');
  expect(partial).toEqual([{ name: 'both', reason: 'not imported: input_cost_per_second' }]);
});

test('a tier and a service tier take the rates that they do not give from below', () => {
  const { prices } = read(`"swift-2": {${chat}, "input_cost_per_token": 1e-06, "output_cost_per_token": 4e-06,
    "cache_read_input_token_cost": 1e-07,
    "output_cost_per_token_above_272k_tokens": 9e-06, "input_cost_per_token_above_200k_tokens": 2e-06,
    "input_cost_per_token_batches": 5e-07, "output_cost_per_token_batches": 2e-06,
    "input_cost_per_token_priority": 3e-06, "input_cost_per_token_above_200k_tokens_priority": 6e-06}`);
  const cache = { usdPerMillionCacheReadTokens: 0.1 };
  const common = { provider: 'acme', model: 'swift-2', effectiveFrom: NOW };
  expect(prices).toEqual([
    {
      ...common,
      ...cache,
      usdPerMillionInputTokens: 1,
      usdPerMillionOutputTokens: 4,
      tiers: [
        { aboveInputTokens: 200_000, ...cache, usdPerMillionInputTokens: 2, usdPerMillionOutputTokens: 4 },
        { aboveInputTokens: 272_000, ...cache, usdPerMillionInputTokens: 2, usdPerMillionOutputTokens: 9 },
      ],
    },
    {
      ...common,
      ...cache,
      serviceTier: 'batch',
      usdPerMillionInputTokens: 0.5,
      usdPerMillionOutputTokens: 2,
    },
    {
      ...common,
      ...cache,
      serviceTier: 'priority',
      usdPerMillionInputTokens: 3,
      usdPerMillionOutputTokens: 4,
      tiers: [
        { aboveInputTokens: 200_000, ...cache, usdPerMillionInputTokens: 6, usdPerMillionOutputTokens: 4 },
      ],
    },
  ]);
});

test.for([
  ['bedrock_converse', 'amazon.nova-lite-v1:0', 'bedrock', 'amazon.nova-lite-v1:0'],
  ['vertex_ai-language-models', 'vertex_ai/gemini-x', 'vertex_ai', 'gemini-x'],
  ['groq', 'groq/openai/gpt-oss-20b', 'groq', 'openai/gpt-oss-20b'],
])('a %s model %s is %s / %s', ([route, key, provider, model]) => {
  const { prices } = read(
    `"${key}": {"litellm_provider": "${route}", "mode": "chat", "input_cost_per_token": 1e-6}`,
  );
  expect(prices).toMatchObject([{ provider, model }]);
});

test.for([
  [
    '"litellm_provider": "acme", "mode": "image_generation", "output_cost_per_image": 0.06',
    /image_generation/,
  ],
  ['"litellm_provider": "acme", "input_cost_per_token": 1e-6', /no mode/],
  ['"mode": "chat", "input_cost_per_token": 1e-6', /litellm_provider/],
  [`${chat}`, /no price/],
  [`${chat}, "input_cost_per_token": 0, "output_cost_per_token": 0.0`, /only prices of 0/],
  [`${chat}, "tiered_pricing": [], "input_cost_per_token": 1e-6`, /tiered_pricing/],
  [`${chat}, "input_cost_per_token": "cheap"`, /input_cost_per_token must be a number/],
  [`${chat}, "input_cost_per_token": -1e-6`, /input_cost_per_token is -1e-6; .* from 0/],
  [`${chat}, "input_cost_per_token": 1e400`, /from 0 to/],
] as const)('an entry {%s} is reported, and the next is imported', ([entry, reason]) => {
  const { prices, skipped } = read(`"odd": {${entry}}, "good": {${chat}, "input_cost_per_token": 1e-6}`);
  expect(skipped).toEqual([{ name: 'odd', reason: expect.stringMatching(reason) as string }]);
  expect(prices.map(({ model }) => model)).toEqual(['good']);
});

test('the specimen is left out, a second key of a model is reported, and so is a rate that is not read', () => {
  const price = `{${chat}, "input_cost_per_token": 1e-6, "output_cost_per_pixel": 2e-6}`;
  const list = read(`"sample_spec": {${chat}, "input_cost_per_token": 1}, "m": ${price}, "acme/M": ${price}`);
  expect(list.prices.map(({ model }) => model)).toEqual(['m']);
  expect(list.skipped).toEqual([{ name: 'acme/M', reason: expect.stringMatching(/earlier key/) as string }]);
  expect(list.partial).toEqual([{ name: 'm', reason: 'not imported: output_cost_per_pixel' }]);
});

test('digits that a price does not have are rounded, and the list says so', () => {
  const long = `"input_cost_per_token": 1.2345678905000001e-6, "output_cost_per_token": 4.0000000000000000e-6`;
  const { prices, partial, skipped } = read(`"m": {${chat}, ${long}}`);
  expect(prices).toMatchObject([{ usdPerMillionInputTokens: 1.234567891, usdPerMillionOutputTokens: 4 }]);
  expect(partial).toEqual([
    { name: 'm', reason: 'not imported: digits of input_cost_per_token beyond nine decimals' },
  ]);
  expect(skipped).toEqual([]);
});

test.for(['[]', '7', '{"a": '])('the text %s is refused as a whole', (text) => {
  expect(() => readLitellmPrices(text, NOW)).toThrow(/the file is not/);
});

test('2,000 models are read within ten seconds on a busy machine', () => {
  const models = Array.from(
    { length: 2_000 },
    (_, n) => `"model-${n}": {${chat}, "input_cost_per_token": ${n + 1}e-09, "output_cost_per_token": 1e-06}`,
  );
  const began = performance.now();
  expect(read(models.join()).prices).toHaveLength(2_000);
  expect(performance.now() - began).toBeLessThan(10_000);
});
