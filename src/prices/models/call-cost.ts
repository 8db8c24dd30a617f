import { MAX_COST_DOLLARS, NANODOLLARS_PER_DOLLAR } from '../../events/field.ts';
import { isByCallAlone, type ModelPrice, type TokenRates } from './model-price.ts';

/** The tokens of a call. Input contains the cached ones, and output the reasoning. `undefined`: not known. */
export interface CallTokens {
  input: number | undefined;
  output: number | undefined;
  cacheRead: number;
  cacheWrite: number;
  reasoning: number;
}

const MILLION = 1_000_000;
const MOST_NANODOLLARS = MAX_COST_DOLLARS * NANODOLLARS_PER_DOLLAR;

/**
 * The cost of one call in whole nano-dollars, halves rounded up:
 *
 *     (input - cacheRead - cacheWrite) · p_input + cacheRead · (p_cacheRead ?? p_input)
 *       + cacheWrite · (p_cacheWrite ?? p_input)
 *       + (output - reasoning) · p_output + reasoning · (p_reasoning ?? p_output) + p_call
 *
 * Beyond the bound of a tier, the whole call goes by the rates of that tier. There is no cost if the price goes by tokens
 * and none are known, or if it lacks a rate for tokens that the call has. Nor is there one above what an event may cost. A
 * price by calls alone prices every call, whatever its tokens.
 */
export function callCost(price: ModelPrice, tokens: CallTokens): number | undefined {
  const rates = ratesFor(price, tokens.input ?? 0);
  const call = nanodollars(price.usdPerCall ?? 0);
  if (isByCallAlone(price)) return within(call);
  if (tokens.input === undefined && tokens.output === undefined)
    return hasRates(rates) ? undefined : within(call);
  const sum = sumOf(charges(rates, tokens));
  return sum === undefined ? undefined : within(sum + call);
}

/** The rates of the highest tier whose bound the prompt exceeds. */
function ratesFor(price: ModelPrice, input: number): TokenRates {
  let rates: TokenRates = price;
  for (const tier of price.tiers) if (input > tier.aboveInputTokens) rates = tier;
  return rates;
}

function hasRates(rates: TokenRates): boolean {
  return rates.usdPerMillionInputTokens !== null || rates.usdPerMillionOutputTokens !== null;
}

type Charge = readonly [tokens: number, usdPerMillion: number | null];

function charges(rates: TokenRates, tokens: CallTokens): Charge[] {
  const { usdPerMillionInputTokens: input, usdPerMillionOutputTokens: output } = rates;
  const { cacheRead, cacheWrite, reasoning } = tokens;
  return [
    [(tokens.input ?? 0) - cacheRead - cacheWrite, input],
    [cacheRead, rates.usdPerMillionCacheReadTokens ?? input],
    [cacheWrite, rates.usdPerMillionCacheWriteTokens ?? input],
    [(tokens.output ?? 0) - reasoning, output],
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
