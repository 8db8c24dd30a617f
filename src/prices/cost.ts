import { MAX_COST_DOLLARS, NANODOLLARS_PER_DOLLAR } from '../events/field.ts';
import type { PricedQuantity } from '../events/pricing.ts';
import type { Price } from './price.ts';

/** What the parts of a price are multiplied with; a quantity that an event lacks is absent or `undefined`. */
export type Quantities = Readonly<Partial<Record<PricedQuantity, number | undefined>>>;

/** Millionths of a cent in a cent: the precision of prices. */
const MILLIONTHS = 1_000_000;
/**
 * A price in millionths of a cent is multiplied with microseconds or tokens, and prices are by the million of either.
 * So the product is in millionths of millionths of a cent, and this many of them are a nano-dollar.
 */
const PER_NANODOLLAR = 100_000n;
/** The most that an event may say it cost. A price that gives more is a mistake, and gives no cost. */
export const MOST_NANODOLLARS = MAX_COST_DOLLARS * NANODOLLARS_PER_DOLLAR;

/**
 * The cost of one event in nano-dollars, halves rounded up. It is `undefined` when the price goes by a
 * quantity that the event lacks, since a part of a cost is no cost. Exact; `costSql` computes the same.
 */
export function computeCost(
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
  const nanodollars = (sum + PER_NANODOLLAR / 2n) / PER_NANODOLLAR;
  return nanodollars > MOST_NANODOLLARS ? undefined : Number(nanodollars);
}

/**
 * The same in SQL, over the columns of a price and the sums over any number of events; null where there is no cost.
 * @param price the alias of the row with the columns of `analytics.prices`
 * @param sums SQL for the number of events and for the sum of each quantity that they have
 */
export function costSql(
  price: string,
  sums: { events: string } & Partial<Record<PricedQuantity, string>>,
): string {
  const part = (cents: string, sum = 'null') =>
    `case when ${price}.${cents} is null then 0 else ${price}.${cents} * ${sum} end`;
  return `round((
      ${part('cents_per_job', `${sums.events} * ${MILLIONTHS}`)}
      + ${part('cents_per_second', sums.duration)}
      + ${part('cents_per_million_input_tokens', sums.inputTokens)}
      + ${part('cents_per_million_output_tokens', sums.outputTokens)}
    ) * 10)`;
}
