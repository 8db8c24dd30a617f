/** The parts of a price: by the job, by its duration, by its tokens. */
export const priceParts = [
  'centsPerJob',
  'centsPerSecond',
  'centsPerMillionInputTokens',
  'centsPerMillionOutputTokens',
] as const;
type PricePart = (typeof priceParts)[number];

/** The jobs that a price is for: those of a provider, of one of its pipelines, or of one operation of a pipeline. */
export interface PriceScope {
  provider: string;
  pipeline: string | null;
  /** Only with a pipeline. */
  operation: string | null;
}

/** A price. It has at least one part; the parts add up. Cents, with up to six decimals. */
export interface Price extends PriceScope, Record<PricePart, number | null> {
  /** The start, in milliseconds since the epoch; included. */
  effectiveFrom: number;
  /** The end, excluded; null when it is open. The next price of the same scope ends it too. */
  effectiveTo: number | null;
}

/** A price in the table. */
export interface StoredPrice extends Price {
  id: number;
  changedAt: number;
  /** Id of the actor. */
  changedBy: string;
}

/** The scope as one text. No part can contain the separator. Provider and pipeline are the same in upper and lower case. */
export function scopeKey({ provider, pipeline, operation }: PriceScope): string {
  return [provider.toLowerCase(), pipeline?.toLowerCase() ?? '', operation ?? ''].join('\0');
}

/** The scopes whose prices apply, the narrowest first. The first with a price in force decides. */
export function scopesOf({ provider, pipeline, operation }: PriceScope): PriceScope[] {
  const scopes: PriceScope[] = [{ provider, pipeline: null, operation: null }];
  if (pipeline !== null) scopes.unshift({ provider, pipeline, operation: null });
  if (pipeline !== null && operation !== null) scopes.unshift({ provider, pipeline, operation });
  return scopes;
}

/** The name of a scope for people: `replicate / 3d`. */
export function scopeName({ provider, pipeline, operation }: PriceScope): string {
  return [provider, pipeline, operation].filter((part) => part !== null).join(' / ');
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

/** The name of a price for people: `replicate / 3d from 2026-01-31T00:00:00.000Z`. */
export function priceName(price: Price): string {
  return `${scopeName(price)} from ${iso(price.effectiveFrom)}`;
}

/** A price with its times as text, as it is shown and as `readPrice` reads it. */
export function writePrice(price: Price) {
  return {
    provider: price.provider,
    pipeline: price.pipeline,
    operation: price.operation,
    effectiveFrom: iso(price.effectiveFrom),
    effectiveTo: price.effectiveTo === null ? null : iso(price.effectiveTo),
    centsPerJob: price.centsPerJob,
    centsPerSecond: price.centsPerSecond,
    centsPerMillionInputTokens: price.centsPerMillionInputTokens,
    centsPerMillionOutputTokens: price.centsPerMillionOutputTokens,
  };
}
