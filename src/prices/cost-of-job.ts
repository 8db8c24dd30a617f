import type { Price } from './price.ts';

/** What a job is priced by. */
export interface Quantities {
  /** Microseconds. */
  duration: number;
  inputTokens: number | undefined;
  outputTokens: number | undefined;
}

/** Millionths of a cent in a cent: the precision of prices. */
const MILLIONTHS = 1_000_000;
/**
 * A price in millionths of a cent, times microseconds or tokens (prices are by the million of either), is in
 * millionths of millionths; so many of these are one unit of cost, a ten-thousandth of a cent.
 */
const PER_UNIT = 100_000_000n;
/** What an event may say itself, 10^10 cents. A price that comes to more is a mistake, and no cost. */
export const MOST_UNITS = 1e14;

/**
 * The cost of a job in ten-thousandths of a cent, halves rounded up; `undefined` when the price goes by tokens
 * that the job does not tell, since a part of a cost is no cost. Exact: `costSql` computes the same.
 */
export function costOfJob(
  price: Price,
  { duration, inputTokens, outputTokens }: Quantities,
): number | undefined {
  const parts: [price: number | null, quantity: number | undefined][] = [
    [price.centsPerJob, MILLIONTHS],
    [price.centsPerSecond, duration],
    [price.centsPerMillionInputTokens, inputTokens],
    [price.centsPerMillionOutputTokens, outputTokens],
  ];
  let sum = 0n;
  for (const [cents, quantity] of parts) {
    if (cents === null) continue;
    if (quantity === undefined) return undefined;
    sum += BigInt(Math.round(cents * MILLIONTHS)) * BigInt(quantity);
  }
  const units = (sum + PER_UNIT / 2n) / PER_UNIT;
  return units > MOST_UNITS ? undefined : Number(units);
}

/**
 * The same in SQL, over columns of a price and sums over any number of jobs; null where there is no cost.
 * @param price what the columns of the price, named as in `analytics.prices`, stand behind
 */
export function costSql(
  price: string,
  of: { jobs: string; duration: string; inputTokens: string; outputTokens: string },
): string {
  const part = (cents: string, quantity: string) =>
    `case when ${price}.${cents} is null then 0 else ${price}.${cents} * ${quantity} end`;
  return `round((
      ${part('cents_per_job', `${of.jobs} * ${MILLIONTHS}`)}
      + ${part('cents_per_second', of.duration)}
      + ${part('cents_per_million_input_tokens', of.inputTokens)}
      + ${part('cents_per_million_output_tokens', of.outputTokens)}
    ) * 0.01)`;
}
