/** What the tokens of a call are charged by. Dollars for a million, with up to nine decimals. */
export const tokenRates = [
  'usdPerMillionInputTokens',
  'usdPerMillionOutputTokens',
  'usdPerMillionCacheReadTokens',
  'usdPerMillionCacheWriteTokens',
  'usdPerMillionCacheWriteHourTokens',
  'usdPerMillionReasoningTokens',
] as const;
export type TokenRate = (typeof tokenRates)[number];

/** What a call is charged by beside its tokens. Dollars, with up to nine decimals. */
export const unitRates = ['usdPerCall', 'usdPerSecond', 'usdPerImage'] as const;
export type UnitRate = (typeof unitRates)[number];

/** The rates of a price; `null`: the price has none. */
export type TokenRates = Record<TokenRate, number | null>;

/** The rates of a call whose whole prompt is longer than so many tokens. They hold for the whole call. */
export interface PriceTier extends TokenRates {
  aboveInputTokens: number;
}

/** The calls that a price is for. */
export interface ModelScope {
  /** In lower case. */
  provider: string;
  /** As the provider names it. */
  model: string;
  /** Only calls of this service tier, such as batch; `null`: of those that have no price of their own. In lower case. */
  serviceTier: string | null;
}

/** The price of calls to a model. */
export interface ModelPrice extends ModelScope, TokenRates, Record<UnitRate, number | null> {
  /** By their bounds, the lowest first. */
  tiers: readonly PriceTier[];
  /** The start, in milliseconds since the epoch; included. */
  effectiveFrom: number;
  /** The end, excluded; null when it is open. The next price of the same scope ends it too. */
  effectiveTo: number | null;
}

export interface StoredModelPrice extends ModelPrice {
  id: number;
  changedAt: number;
  /** Id of the actor. */
  changedBy: string;
}

/** Whether the price has no rate for tokens, in no tier: it goes by calls, seconds or images alone. */
export function isByUnitsAlone({ tiers, ...price }: ModelPrice): boolean {
  return (
    price.usdPerMillionInputTokens === null &&
    [price, ...tiers].every((rates) => tokenRates.every((rate) => rates[rate] === null))
  );
}

/** The scope as one text. No part can contain the separator. */
export function modelScopeKey({ provider, model, serviceTier }: ModelScope): string {
  return [provider, model, serviceTier ?? ''].join('\0');
}

/** The name of a scope for people: `openai / gpt-4o / batch`. */
export function modelScopeName({ provider, model, serviceTier }: ModelScope): string {
  return [provider, model, serviceTier].filter((part) => part !== null).join(' / ');
}

/** A price with its times as text, as it is shown and as `readModelPrice` reads it. */
export function writeModelPrice(price: ModelPrice) {
  const iso = (millis: number) => new Date(millis).toISOString();
  return {
    provider: price.provider,
    model: price.model,
    serviceTier: price.serviceTier,
    effectiveFrom: iso(price.effectiveFrom),
    effectiveTo: price.effectiveTo === null ? null : iso(price.effectiveTo),
    ...ratesOf(price),
    usdPerCall: price.usdPerCall,
    usdPerSecond: price.usdPerSecond,
    usdPerImage: price.usdPerImage,
    tiers: price.tiers.map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, ...ratesOf(tier) })),
  };
}

function ratesOf(rates: TokenRates): TokenRates {
  return Object.fromEntries(tokenRates.map((rate) => [rate, rates[rate]])) as TokenRates;
}
