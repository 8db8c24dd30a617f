import { MAX_COST_DOLLARS, NANODOLLARS_PER_DOLLAR } from '../../events/field.ts';
import { isByUnitsAlone, type ModelPrice, type TokenRates } from './model-price.ts';

/** What a call is charged for. Input contains the cached tokens, and output the reasoning. `undefined`: not known. */
export interface CallQuantities {
  input: number | undefined;
  output: number | undefined;
  cacheRead: number;
  /** Contains what the cache keeps for an hour. */
  cacheWrite: number;
  cacheWriteHour: number;
  reasoning: number;
  /** Microseconds from the request to the last byte. */
  duration: number | undefined;
  images: number | undefined;
}

const MILLION = 1_000_000;
const MOST_NANODOLLARS = MAX_COST_DOLLARS * NANODOLLARS_PER_DOLLAR;

/**
 * The cost of one call in whole nano-dollars, halves rounded up:
 *
 *     (input - cacheRead - cacheWrite) · p_input + cacheRead · (p_cacheRead ?? p_input)
 *       + (cacheWrite - cacheWriteHour) · (p_cacheWrite ?? p_input)
 *       + cacheWriteHour · (p_cacheWriteHour ?? p_cacheWrite ?? p_input)
 *       + (output - reasoning) · p_output + reasoning · (p_reasoning ?? p_output)
 *       + p_call + seconds · p_second + images · p_image
 *
 * Beyond the bound of a tier, the whole call goes by the rates of that tier. There is no cost if the price goes by something
 * that is not known of the call, or if it lacks a rate for tokens that the call has. Nor is there one above what an event
 * may cost. A price without any rate for tokens prices a call whatever its tokens. Beside a rate for tokens, a call that
 * does not name its images has none.
 */
export function callCost(price: ModelPrice, call: CallQuantities): number | undefined {
  const isByUnits = isByUnitsAlone(price);
  if (price.usdPerSecond !== null && call.duration === undefined) return undefined;
  if (price.usdPerImage !== null && call.images === undefined && isByUnits) return undefined;
  const charged: Charge[] = isByUnits ? [] : charges(ratesFor(price, call.input ?? 0), call);
  // Microseconds at a price for a second are, like tokens at a price for a million, millionths of nano-dollars.
  if (price.usdPerSecond !== null) charged.push([call.duration ?? 0, price.usdPerSecond]);
  const sum = sumOf(charged);
  const units = nanodollars(price.usdPerCall ?? 0) + (call.images ?? 0) * nanodollars(price.usdPerImage ?? 0);
  return sum === undefined ? undefined : within(sum + units);
}

/** The rates of the highest tier whose bound the prompt exceeds. */
function ratesFor(price: ModelPrice, input: number): TokenRates {
  let rates: TokenRates = price;
  for (const tier of price.tiers) if (input > tier.aboveInputTokens) rates = tier;
  return rates;
}

type Charge = readonly [tokens: number, usdPerMillion: number | null];
/** Some tokens without a rate: they have no cost. */
const UNKNOWN: Charge = [1, null];

/** Of a call whose tokens are not known, one at a price that has rates for input or output cannot be computed. */
function charges(rates: TokenRates, call: CallQuantities): Charge[] {
  const { usdPerMillionInputTokens: input, usdPerMillionOutputTokens: output } = rates;
  if (call.input === undefined && call.output === undefined)
    return input === null && output === null ? [] : [UNKNOWN];
  const { cacheRead, cacheWrite, cacheWriteHour, reasoning } = call;
  const write = rates.usdPerMillionCacheWriteTokens ?? input;
  return [
    [(call.input ?? 0) - cacheRead - cacheWrite, input],
    [cacheRead, rates.usdPerMillionCacheReadTokens ?? input],
    [cacheWrite - cacheWriteHour, write],
    [cacheWriteHour, rates.usdPerMillionCacheWriteHourTokens ?? write],
    [(call.output ?? 0) - reasoning, output],
    [reasoning, rates.usdPerMillionReasoningTokens ?? output],
  ];
}

/**
 * In nano-dollars. Nearly all calls fit into exact numbers. Only what does not is added up in BigInts, which take ten times
 * as long.
 */
function sumOf(charged: readonly Charge[]): number | undefined {
  let millionths = 0;
  for (const [tokens, usdPerMillion] of charged) {
    if (tokens === 0) continue;
    if (usdPerMillion === null) return undefined;
    millionths += tokens * nanodollars(usdPerMillion);
  }
  if (millionths <= Number.MAX_SAFE_INTEGER - MILLION) {
    const rounded = millionths + MILLION / 2;
    return (rounded - (rounded % MILLION)) / MILLION;
  }
  const exact = charged.reduce(
    (sum, [tokens, usdPerMillion]) => sum + BigInt(tokens) * BigInt(nanodollars(usdPerMillion ?? 0)),
    0n,
  );
  return Number((exact + BigInt(MILLION / 2)) / BigInt(MILLION));
}

function within(cost: number): number | undefined {
  return cost > MOST_NANODOLLARS ? undefined : cost;
}

/** Prices have nine decimals at most, so this is exact. */
function nanodollars(dollars: number): number {
  return Math.round(dollars * NANODOLLARS_PER_DOLLAR);
}
