import type { Usage } from '../../usage/usage.ts';
import type { NewPrice } from './queries.ts';

const MILLION = 1_000_000;

/**
 * What calls would cost by a price, in dollars. Input tokens contain the cached ones. Prices for long inputs are left out,
 * because the sums do not say how long each input was.
 */
export function costBy(price: NewPrice, usage: Usage): number {
  const { invocations, inputTokens, outputTokens, cachedInputTokens } = usage;
  const input = price.usdPerMillionInputTokens ?? 0;
  return (
    ((inputTokens - cachedInputTokens) * input) / MILLION +
    (cachedInputTokens * (price.usdPerMillionCacheReadTokens ?? input)) / MILLION +
    (outputTokens * (price.usdPerMillionOutputTokens ?? 0)) / MILLION +
    invocations * (price.usdPerCall ?? 0)
  );
}
