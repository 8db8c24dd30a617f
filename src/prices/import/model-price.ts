import type { Decimal } from './decimal-json.ts';
import { toNineDecimals } from './decimal-json.ts';

/** The rates of a price list that Tidemark reads. */
export const rateNames = [
  'usdPerMillionInputTokens',
  'usdPerMillionOutputTokens',
  'usdPerMillionCacheReadTokens',
  'usdPerMillionCacheWriteTokens',
  'usdPerMillionCacheWriteHourTokens',
  'usdPerMillionReasoningTokens',
  'usdPerCall',
  'usdPerSecond',
  'usdPerImage',
] as const;
export type RateName = (typeof rateNames)[number];

/** Dollars. A rate that the list does not give is absent. */
export type Rates = { [Name in RateName]?: number };

/** The rates of the whole call once its input is longer than the threshold. */
export interface PriceTier extends Rates {
  aboveInputTokens: number;
}

/** A price of the calls of a model, with the names of a price file. */
export interface ImportedPrice extends Rates {
  provider: string;
  model: string;
  /** Start, as ISO 8601 or as a date alone. */
  effectiveFrom: string;
  serviceTier?: string;
  tiers?: PriceTier[];
}

/** A part of a list that was not imported. */
export interface NotImported {
  /** Provider and model, or the key in the list. */
  name: string;
  reason: string;
}

/** The content of a price list. */
export interface ImportedList {
  prices: ImportedPrice[];
  /** Models without a price from this list. */
  skipped: NotImported[];
  /** Models that have a price, but not all that the list says of them. */
  partial: NotImported[];
}

/** A fault of one model of a list. The others are still imported. */
export class EntryFault extends Error {}

const MAX_USD = 1_000_000;

/**
 * Reads a rate and moves its decimal point. It is rounded to nine decimals, the most that a price has.
 * @param power of ten that turns the list's unit into a unit of `Rates`
 * @param unread takes the name of a field that was rounded
 * @throws {EntryFault} when it is not a number from 0 to 1,000,000 dollars
 */
export function readRate(
  value: Decimal,
  power: number,
  { field, unread }: { field: string; unread: Set<string> },
): number {
  const { value: rate, isRounded } = toNineDecimals(value, power);
  if (!(rate >= 0 && rate <= MAX_USD)) {
    throw new EntryFault(`${field} is ${value.text}; a price is from 0 to ${MAX_USD} dollars`);
  }
  if (isRounded) unread.add(`digits of ${field} beyond nine decimals`);
  return rate;
}
