import type { PriceFor } from './price-for.ts';
import type { NewPrice } from './queries.ts';

/** A price as it is typed: days in UTC, amounts as texts. */
export interface PriceDraft extends PriceFor {
  tier: string;
  from: string;
  to: string;
  input: string;
  output: string;
  cached: string;
  call: string;
}

/** An empty price that begins today. */
export function draftFor(of: PriceFor, now: number): PriceDraft {
  const from = new Date(now).toISOString().slice(0, 10);
  return { ...of, from, tier: '', to: '', input: '', output: '', cached: '', call: '' };
}

/** The price as the API takes it. */
export function priceOf(draft: PriceDraft): NewPrice {
  return {
    ...{ model: draft.model.trim(), provider: draft.provider.trim() },
    serviceTier: draft.tier.trim() || null,
    effectiveFrom: `${draft.from}T00:00:00Z`,
    effectiveTo: draft.to === '' ? null : `${draft.to}T00:00:00Z`,
    usdPerMillionInputTokens: numberOf(draft.input),
    usdPerMillionOutputTokens: numberOf(draft.output),
    usdPerMillionCacheReadTokens: numberOf(draft.cached),
    usdPerCall: numberOf(draft.call),
  };
}

function numberOf(text: string): number | null {
  return text === '' ? null : Number(text);
}
