import { describe, expect, test } from 'vitest';
import { ModelBook } from './model-book.ts';
import { plainModelName } from './model-names.ts';
import type { ModelPrice } from './model-price.ts';
import { readModelPrice } from './read-model-price.ts';

function priceOf(provider: string, model: string, more: object = {}): ModelPrice {
  const input = { provider, model, effectiveFrom: '2026-01-01', usdPerMillionInputTokens: 1, ...more };
  const price = readModelPrice(input, '$');
  return Array.isArray(price) ? expect.fail(JSON.stringify(price)) : price;
}

const at = Date.UTC(2026, 6, 1);

test.each([
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5'],
  ['arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0', 'nova-pro'],
  ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
  ['gpt-4o-2024-08-06', 'gpt-4o'],
  ['claude-3-5-haiku-latest', 'claude-3-5-haiku'],
  ['models/gemini-2.5-pro', 'gemini-2.5-pro'],
  ['GPT-4.1-mini', 'gpt-4.1-mini'],
  ['llama3.1:8b', 'llama3.1:8b'],
])('%s is %s', (name, plain) => {
  expect(plainModelName(name)).toBe(plain);
});

describe('the price of a call', () => {
  const book = new ModelBook([
    priceOf('openai', 'gpt-4o', { effectiveTo: '2026-06-01' }),
    priceOf('openai', 'gpt-4o', { effectiveFrom: '2026-06-01', usdPerMillionInputTokens: 2 }),
    priceOf('openai', 'gpt-4o', { serviceTier: 'batch', usdPerMillionInputTokens: 0.5 }),
    priceOf('azure', 'gpt-4o', { usdPerMillionInputTokens: 3 }),
    priceOf('anthropic', 'claude-sonnet-4-5-20250929', { usdPerMillionInputTokens: 4 }),
    priceOf('mistral', 'large', { effectiveTo: '2026-02-01' }),
  ]);
  const inputRate = (provider: string | null, model: string, serviceTier: string | null = null, when = at) =>
    book.inForce({ provider, model, serviceTier, at: when })?.usdPerMillionInputTokens;

  test('is that of its provider and model when it happened', () => {
    expect(inputRate('openai', 'gpt-4o')).toBe(2);
    expect(inputRate('openai', 'gpt-4o', null, Date.UTC(2026, 5, 1) - 1)).toBe(1);
    expect(inputRate('openai', 'gpt-4o', null, Date.UTC(2025, 5, 1))).toBeUndefined();
    expect(inputRate('mistral', 'large')).toBeUndefined();
  });

  test('is that of its service tier, or the usual one', () => {
    expect(inputRate('openai', 'gpt-4o', 'batch')).toBe(0.5);
    expect(inputRate('openai', 'gpt-4o', 'default')).toBe(2);
  });

  test('is found by another name of the model, and never at another provider', () => {
    expect(inputRate('openai', 'gpt-4o-2024-11-20')).toBe(2);
    expect(inputRate('anthropic', 'claude-sonnet-4-5')).toBe(4);
    expect(inputRate('vertex', 'claude-sonnet-4-5')).toBeUndefined();
    expect(inputRate('openai', 'gpt-4o-mini')).toBeUndefined();
  });

  test('needs no provider if only one has the model', () => {
    expect(inputRate(null, 'claude-sonnet-4-5')).toBe(4);
    expect(inputRate(null, 'gpt-4o')).toBeUndefined();
  });
});

test('an alias leads to the prices of another provider or model', () => {
  const alias = (provider: string, model: string | null, asProvider: string, asModel: string | null) => ({
    ...{ provider, model, asProvider, asModel },
  });
  const book = new ModelBook(
    [
      priceOf('aws', 'nova-pro', { usdPerMillionInputTokens: 1 }),
      priceOf('aws.bedrock', 'nova-lite', { usdPerMillionInputTokens: 2 }),
      priceOf('openai', 'gpt-4o', { usdPerMillionInputTokens: 3 }),
    ],
    [alias('aws.bedrock', null, 'aws', null), alias('azure', 'our-deployment', 'openai', 'gpt-4o')],
  );
  const inputRate = (provider: string, model: string) =>
    book.inForce({ provider, model, serviceTier: null, at })?.usdPerMillionInputTokens;
  expect(inputRate('aws.bedrock', 'us.amazon.nova-pro-v1:0')).toBe(1);
  expect(inputRate('aws.bedrock', 'nova-lite')).toBe(2);
  expect(inputRate('azure', 'our-deployment')).toBe(3);
  expect(inputRate('azure', 'gpt-4o')).toBeUndefined();
  expect(book.scopeOf('aws.bedrock', 'nova-pro')).toEqual({ provider: 'aws', model: 'nova-pro' });
});

test('a price that is not right is refused by the names of its faults', () => {
  const faultsOf = (more: object) => {
    const read = readModelPrice({ provider: 'p', model: 'm', effectiveFrom: '2026-01-01', ...more }, '$');
    return Array.isArray(read) ? read.map(({ path }) => path) : [];
  };
  expect(faultsOf({})).toEqual(['$.usdPerMillionInputTokens']);
  expect(faultsOf({ usdPerCall: -1, model: '', colour: 'red' })).toEqual([
    '$.model',
    '$.usdPerCall',
    '$.colour',
  ]);
  expect(faultsOf({ usdPerCall: 1, effectiveTo: '2025-01-01' })).toEqual(['$.effectiveTo']);
  expect(faultsOf({ usdPerCall: 1, tiers: [{ above: 1 }, 7] })).toEqual([
    '$.tiers[0].above',
    '$.tiers[0].aboveInputTokens',
    '$.tiers[1]',
  ]);
  const same = { aboveInputTokens: 5, usdPerMillionInputTokens: 1 };
  expect(faultsOf({ usdPerCall: 1, tiers: [same, same] })).toEqual(['$.tiers']);
  expect(faultsOf({ usdPerMillionInputTokens: 0.0000000001 })).toEqual(['$.usdPerMillionInputTokens']);
});
