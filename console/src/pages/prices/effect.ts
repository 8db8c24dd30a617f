import type { Usage } from '../../usage/usage.ts';
import type { NewPrice } from './queries.ts';

const MILLION = 1_000_000;

/**
 * What calls would cost by a price, in dollars. Input tokens contain those read from and written to a cache, output tokens
 * the reasoning. Prices for long inputs, an hour in the cache, seconds and images are left out: the sums do not tell them.
 */
export function costBy(price: NewPrice, usage: Usage): number {
  const input = price.usdPerMillionInputTokens ?? 0;
  const output = price.usdPerMillionOutputTokens ?? 0;
  const { cachedInputTokens: read, cacheWriteInputTokens: written, reasoningTokens: reasoning } = usage;
  const tokens =
    (usage.inputTokens - read - written) * input +
    read * (price.usdPerMillionCacheReadTokens ?? input) +
    written * (price.usdPerMillionCacheWriteTokens ?? input) +
    (usage.outputTokens - reasoning) * output +
    reasoning * (price.usdPerMillionReasoningTokens ?? output);
  return tokens / MILLION + usage.invocations * (price.usdPerCall ?? 0);
}
