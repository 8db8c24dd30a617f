/** What jobs are priced by: a job itself, its time, its tokens. */
export const priceParts = [
  'centsPerJob',
  'centsPerSecond',
  'centsPerMillionInputTokens',
  'centsPerMillionOutputTokens',
] as const;
type PricePart = (typeof priceParts)[number];

/** Which jobs a price is for: those of a provider, or of its pipeline, or of an operation of that. */
export interface PriceScope {
  provider: string;
  pipeline: string | null;
  /** Only with a pipeline. */
  operation: string | null;
}

/** What a job costs, by any of its parts, which add up; at least one is there. Cents, with up to six decimals. */
export interface Price extends PriceScope, Record<PricePart, number | null> {
  /** Milliseconds since the epoch: jobs from here on, */
  effectiveFrom: number;
  /** up to here and without it; open when null. The next price of the same scope ends it too. */
  effectiveTo: number | null;
}

/** A price as it is kept. */
export interface KeptPrice extends Price {
  id: number;
  changedAt: number;
  /** Id of the actor. */
  changedBy: string;
}

/** The scope in one word, in which no part can hold the character between them. */
export function scopeKey({ provider, pipeline, operation }: PriceScope): string {
  return [provider, pipeline ?? '', operation ?? ''].join('\0');
}

/** The scopes whose prices a job may have, the narrowest first: the first that has one in force decides. */
export function scopesOf({ provider, pipeline, operation }: PriceScope): PriceScope[] {
  const scopes: PriceScope[] = [{ provider, pipeline: null, operation: null }];
  if (pipeline !== null) scopes.unshift({ provider, pipeline, operation: null });
  if (pipeline !== null && operation !== null) scopes.unshift({ provider, pipeline, operation });
  return scopes;
}

/** For people: `replicate / 3d`. */
export function scopeName({ provider, pipeline, operation }: PriceScope): string {
  return [provider, pipeline, operation].filter((part) => part !== null).join(' / ');
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

/** Which price it is, for people: `replicate / 3d from 2026-01-31T00:00:00.000Z`. */
export function priceName(price: Price): string {
  return `${scopeName(price)} from ${iso(price.effectiveFrom)}`;
}

/** A price with its moments as texts, as it is shown and as `readPrice` reads it. */
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
