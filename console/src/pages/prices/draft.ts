import type { PriceFor } from './price-for.ts';
import type { NewPrice, Price } from './queries.ts';

/** The amounts of a price, by the fields of the API. */
export const amountFields = {
  input: 'usdPerMillionInputTokens',
  output: 'usdPerMillionOutputTokens',
  cached: 'usdPerMillionCacheReadTokens',
  written: 'usdPerMillionCacheWriteTokens',
  writtenHour: 'usdPerMillionCacheWriteHourTokens',
  reasoning: 'usdPerMillionReasoningTokens',
  call: 'usdPerCall',
  second: 'usdPerSecond',
  image: 'usdPerImage',
} as const satisfies Record<string, keyof Price>;
export type Amount = keyof typeof amountFields;
export const amounts = Object.keys(amountFields) as Amount[];

/** A price as it is typed: days in UTC, amounts as texts. */
export interface PriceDraft extends PriceFor, Record<Amount, string> {
  tier: string;
  from: string;
  to: string;
}

/** An empty price that begins today. */
export function draftFor(of: PriceFor, now: number): PriceDraft {
  const from = new Date(now).toISOString().slice(0, 10);
  const empty = Object.fromEntries(amounts.map((amount) => [amount, ''])) as Record<Amount, string>;
  return { ...of, ...empty, from, tier: '', to: '' };
}

/** The price as the API takes it. */
export function priceOf(draft: PriceDraft): NewPrice {
  return {
    ...{ model: draft.model.trim(), provider: draft.provider.trim() },
    serviceTier: draft.tier.trim() || null,
    effectiveFrom: `${draft.from}T00:00:00Z`,
    effectiveTo: draft.to === '' ? null : `${draft.to}T00:00:00Z`,
    ...Object.fromEntries(amounts.map((amount) => [amountFields[amount], numberOf(draft[amount])])),
  };
}

function numberOf(text: string): number | null {
  return text === '' ? null : Number(text);
}
