import type { ModelPrice } from './model-price.ts';
import { readModelPrice } from './read-model-price.ts';

/**
 * Prices of well-known models, so that the first minute needs no other list. They are facts that pydantic/genai-prices (MIT)
 * collected from the price pages of the providers, each checked there on the day that is given. A price is for calls from
 * that day on: Tidemark does not claim to know what it was before. Nothing uses them until an operator imports them.
 */
const checked: Readonly<Record<string, readonly KnownPrice[]>> = {
  '2025-06-22': [
    ['anthropic', 'claude-3-5-haiku', { input: 0.8, output: 4, cacheRead: 0.08, cacheWrite: 1 }],
    ['google', 'gemini-2.5-flash', { input: 0.3, output: 2.5, cacheRead: 0.075 }],
  ],
  '2025-06-23': [
    ['anthropic', 'claude-3-haiku', { input: 0.25, output: 1.25, cacheRead: 0.03, cacheWrite: 0.3 }],
  ],
  '2025-07-04': [
    ['openai', 'gpt-3.5-turbo', { input: 0.5, output: 1.5 }],
    ['openai', 'gpt-4', { input: 30, output: 60 }],
    ['openai', 'gpt-4-turbo', { input: 10, output: 30 }],
    ['openai', 'gpt-4.1', { input: 2, output: 8, cacheRead: 0.5 }],
    ['openai', 'gpt-4.1-mini', { input: 0.4, output: 1.6, cacheRead: 0.1 }],
    ['openai', 'gpt-4.1-nano', { input: 0.1, output: 0.4, cacheRead: 0.025 }],
    ['openai', 'gpt-4o', { input: 2.5, output: 10, cacheRead: 1.25 }],
    ['openai', 'gpt-4o-mini', { input: 0.15, output: 0.6, cacheRead: 0.075 }],
  ],
  '2025-11-13': [
    ['openai', 'gpt-5', { input: 1.25, output: 10, cacheRead: 0.125 }],
    ['openai', 'gpt-5-mini', { input: 0.25, output: 2, cacheRead: 0.025 }],
    ['openai', 'gpt-5-nano', { input: 0.05, output: 0.4, cacheRead: 0.005 }],
    ['openai', 'gpt-5-pro', { input: 15, output: 120 }],
    ['openai', 'gpt-5.1', { input: 1.25, output: 10, cacheRead: 0.125 }],
  ],
};

/** Dollars for a million tokens. */
interface KnownRates {
  input: number;
  output: number;
  cacheRead?: number;
  cacheWrite?: number;
}

type KnownPrice = readonly [provider: string, model: string, rates: KnownRates];

/** The day on which the youngest of them was checked. */
export const KNOWN_AS_OF = Object.keys(checked).sort().at(-1) ?? '';

/** The prices that ship with Tidemark. */
export function knownModelPrices(): ModelPrice[] {
  return Object.entries(checked).flatMap(([effectiveFrom, prices]) =>
    prices.map(([provider, model, rates]) => {
      const price = readModelPrice(
        {
          ...{ provider, model, effectiveFrom },
          ...{ usdPerMillionInputTokens: rates.input, usdPerMillionOutputTokens: rates.output },
          ...{
            usdPerMillionCacheReadTokens: rates.cacheRead,
            usdPerMillionCacheWriteTokens: rates.cacheWrite,
          },
        },
        model,
      );
      if (Array.isArray(price)) throw new Error(`a known price is not valid: ${JSON.stringify(price)}`);
      return price;
    }),
  );
}
